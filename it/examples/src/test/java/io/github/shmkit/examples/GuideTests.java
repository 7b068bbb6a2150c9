package io.github.shmkit.examples;

import static io.github.shmkit.SegmentKind.MMAP_FILE;
import static io.github.shmkit.SegmentKind.POSIX_SHM;
import static io.github.shmkit.process.ExitPredicate.killedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.Segment;
import io.github.shmkit.Signal;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.EachSegmentKind;
import io.github.shmkit.junit.LeakProbe;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Readiness;
import io.github.shmkit.process.Remote;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tests that the guide explains, in its order. */
@ExtendWith(ShmExtension.class)
class GuideTests {
    @Test
    void aPeerSeesOurWrite(@Shm(size = 64) Segment segment, ShmTestkit kit) {
        segment.putLongRelease(0, 42);
        NativeHelper reader = kit.nativeHelper("reader").attach(segment).start();
        assertThat(reader.getLongAcquire(0)).isEqualTo(42);
    }

    @EachSegmentKind
    void roundTripThroughEveryKind(@Shm Segment segment, ShmTestkit kit) {
        kit.nativeHelper("writer").attach(segment).start().putInt(0, 7);
        kit.await().untilInt(segment, 0, is(7));
    }

    @Test
    void aQueueAcrossJvms(@Shm(size = 64) Segment segment, ShmTestkit kit) {
        JvmHelper producer = kit.jvm("producer").attach(segment).start();
        Remote<Integer> sent = producer.submit(context -> {
            for (int i = 1; i <= 1000; i++) {
                context.segment().putIntRelease(0, i);
            }
            return 1000;
        });

        kit.await("the last").untilInt(segment, 0, is(1000));
        assertThat(sent.await()).isEqualTo(1000);
    }

    @Test
    void aReaderRecoversFromATornWrite(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper writer = kit.nativeHelper("writer").attach(segment).start().expectExit(killedBy(Signal.SIGKILL));
        writer.run(Script.of(b -> b.putInt(Mailbox.LENGTH, 128).die(Signal.SIGKILL)));
        assertThat(writer.awaitExit()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));

        assertThat(new Mailbox(segment.buffer()).recover()).isEqualTo(Mailbox.Recovery.CLEARED);
    }

    /** Length, body, flag. */
    static class Publish implements Supplier<Script> {
        @Override
        public Script get() {
            return Script.of(b -> b.putInt(Mailbox.LENGTH, 8)
                    .putLong(Mailbox.BODY, 0x4d45535341474521L)
                    .putInt(Mailbox.FLAG, Mailbox.READY, MemoryOrder.RELEASE));
        }
    }

    @EachCrashPoint(script = Publish.class)
    void whateverAWriterLeavesCanBeRecovered(CrashPoint at, @Shm Segment segment) {
        at.runAndCrash(segment);

        Mailbox.Recovery recovery = new Mailbox(segment.buffer()).recover();

        assertThat(recovery)
                .isEqualTo(
                        switch (at.steps()) {
                            case 0 -> Mailbox.Recovery.EMPTY;
                            case 3 -> Mailbox.Recovery.MESSAGE;
                            default -> Mailbox.Recovery.CLEARED;
                        });
    }

    @Test
    void aPeerDiesOfATruncatedFileAndTheTestDoesNot(
            @Shm(kind = MMAP_FILE, size = 8192) Segment segment, ShmTestkit kit) {
        NativeHelper reader = kit.nativeHelper("reader").attach(segment).start();
        reader.expectExit(killedBy(Signal.SIGBUS));

        kit.faults().truncate(segment, 0);

        assertThatExceptionOfType(HelperDiedException.class)
                .isThrownBy(() -> reader.getInt(0))
                .withMessageContaining("was killed by SIGBUS");
    }

    @Test
    void aHeartbeatStopsWithAFrozenPeer(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
        peer.run(Script.of(b -> b.forever(r -> r.getAndAddLong(0, 1).sleep(Duration.ofMillis(1)))));
        kit.await("the heart").untilLong(segment, 0, greaterThan(3L));

        peer.suspend();
        long last = segment.getLongVolatile(0);
        assertThat(segment.getLongVolatile(0)).isEqualTo(last);

        peer.resume();
        kit.await("it beats again").untilLong(segment, 0, greaterThan(last));
    }

    @Test
    void aProgramOfYourOwnReadsTheSegment(@Shm(kind = POSIX_SHM, size = 16) Segment segment, ShmTestkit kit) {
        segment.putBytes(0, "hello, neighbour".getBytes(StandardCharsets.US_ASCII));

        CommandHelper reader = kit.command("reader", "/bin/sh", "-c", "echo ready; cat {path}")
                .attach(segment)
                .readyWhen(Readiness.line("ready"))
                .start();

        assertThat(reader.awaitExit()).isEqualTo(Exit.code(0));
        kit.await().until(() -> reader.stdout().contains("hello, neighbour"));
    }

    @Test
    void ofTwoWritersOneWins(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper a = kit.nativeHelper("a").attach(segment).start();
        NativeHelper b = kit.nativeHelper("b").attach(segment).start();

        Running first = a.run(Script.of(s -> s.barrier("go", "a", "b").compareAndExchangeLong(0, 0, 1)));
        Running second = b.run(Script.of(s -> s.barrier("go", "a", "b").compareAndExchangeLong(0, 0, 2)));

        assertThat(List.of(first.await().swapped(), second.await().swapped())).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void whatADeadOwnerLeftIsCleanedUp(ShmTestkit kit) {
        LeakProbe.Snapshot before = kit.leaks().snapshot();
        String object = "/dev/shm/guide-" + ProcessHandle.current().pid();
        CommandHelper owner = kit.command(
                        "owner", "/bin/sh", "-c", "echo mine > " + object + "; echo up; exec sleep 60")
                .readyWhen(Readiness.line("up"))
                .start();
        owner.expectExit(killedBy(Signal.SIGKILL));

        owner.kill();
        assertThat(leftOf(object, kit.leaks().diff(before).toString())).isTrue();

        assertThat(kit.command("cleaner", "/bin/rm", object).start().awaitExit())
                .isEqualTo(Exit.code(0));
        assertThat(leftOf(object, kit.leaks().diff(before).toString())).isFalse();
    }

    private static boolean leftOf(String object, String leaks) {
        return leaks.contains(object + " ");
    }
}
