package io.github.shmkit.junit;

import static io.github.shmkit.trace.PendingAccess.load;
import static io.github.shmkit.trace.PendingAccess.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.shmkit.Segment;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Held;
import io.github.shmkit.trace.PendingAccess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs that are held before each of their accesses. */
@Timeout(120)
class HeldTests {
    @TempDir
    private static Path folder;

    private static String program = "";

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        program = Compiled.compile(Path.of("src/test/resources/interleaved.c"), folder.resolve("interleaved"));
    }

    private static CommandHelper.Builder command(ShmTestkit kit, String name, Segment segment) {
        return kit.command(name, program, name, "{path}").attach(segment);
    }

    @Test
    void aProgramIsHeldBeforeEachOfItsAccesses(@Shm(label = "box") Segment box, ShmTestkit kit) {
        try (Held writer = kit.hold(command(kit, "flag-first", box))) {
            assertThat(writer.state()).isEqualTo(Held.State.HELD);
            assertThat(writer.last()).isEmpty();
            PendingAccess first = writer.next().orElseThrow();
            assertThat(first.stores()).isTrue();
            assertThat(first.where()).contains("interleaved.c:");
            assertThat(box.getLong(0)).isZero();

            assertThat(writer.step()).isEqualTo(Held.State.HELD);
            assertThat(box.getLong(0)).isEqualTo(1);
            assertThat(box.getLong(64)).isZero();
            assertThat(writer.last().orElseThrow().toString()).startsWith("box+0x0: 00→01, ");

            assertThat(writer.step()).isEqualTo(Held.State.ENDED);
            assertThat(writer.next()).isEmpty();
            assertThatIllegalStateException()
                    .isThrownBy(writer::step)
                    .withMessageMatching(
                            "(?s).*is not held before an access, but has ended after 2 accesses, the last of "
                                    + "which is: box\\+0x40: .*");
        }
        assertThat(box.getLong(64)).isEqualTo(42);
    }

    @Test
    void itStopsBeforeACertainAccess(@Shm(label = "box") Segment box, ShmTestkit kit) {
        try (Held adder = kit.hold(command(kit, "add", box))) {
            PendingAccess access = adder.stepUntil(load(0));
            assertThat(access.toString()).startsWith("loads box+0x0 (8 bytes), ");
            adder.stepUntil(store(box, 0));
            assertThat(adder.accesses()).hasSize(1);
            assertThat(adder.last().orElseThrow().kind()).isInstanceOf(Access.Kind.Load.class);
            box.putLong(0, 10); // lost
        }
        assertThat(box.getLong(0)).isEqualTo(1);
    }

    @Test
    void anAccessThatNeverComesIsAnError(@Shm(label = "box") Segment box, ShmTestkit kit) {
        try (Held adder = kit.hold(command(kit, "add", box))) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> adder.stepUntil(store(8)))
                    .withMessageContaining("made no such access: it has ended after 2 accesses");
        }
    }

    @Test
    void twoGoOnByTurns(@Shm(label = "box") Segment box, ShmTestkit kit) {
        try (Held a = kit.hold(command(kit, "add", box));
                Held b = kit.hold(kit.command("other", program, "add", "{path}").attach(box))) {
            a.step();
            b.step();
            a.step();
            b.step();
        }
        assertThat(box.getLong(0)).isEqualTo(1);
    }

    @Test
    void oneThatIsBlockedSaysSoAndGoesOnWhenItIsWoken(@Shm(label = "box") Segment box, ShmTestkit kit) {
        try (Held waiter = kit.hold(command(kit, "futex-wait", box))) {
            while (waiter.state() == Held.State.HELD) {
                waiter.step();
            }
            assertThat(waiter.state()).isEqualTo(Held.State.BLOCKED);
            try (Held waker = kit.hold(command(kit, "futex-wake", box))) {
                waker.resume();
            }
            assertThat(waiter.state()).isEqualTo(Held.State.HELD);
        }
    }

    @Test
    void oneThatIsKilledHasDoneNothingMore(@Shm(label = "box") Segment box, ShmTestkit kit) {
        try (Held writer = kit.hold(command(kit, "flag-first", box))) {
            writer.step();
            writer.kill();
        }
        assertThat(box.getLong(0)).isEqualTo(1);
        assertThat(box.getLong(64)).isZero();
    }

    @Test
    void aProgramThatEndsBadlyIsAnError(@Shm(label = "box") Segment box, ShmTestkit kit) {
        Held failing = kit.hold(command(kit, "fails", box));
        failing.helper().expectExit(Exit.code(3)::equals);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(failing::close)
                .withMessageContaining("exited with code 3 after it was held; it has to end with 0");
    }

    @Test
    void aTaskOfAJvmIsHeldAsWell(@Shm(label = "box") Segment box, ShmTestkit kit) {
        try (Held adder = kit.hold(kit.jvm("adder").attach(box), context -> {
            Segment own = context.segment();
            own.putLong(0, own.getLong(0) + 1);
            return null;
        })) {
            adder.stepUntil(load(0));
            adder.stepUntil(store(0));
            assertThat(box.getLong(0)).isZero();
            box.putLong(0, 10);
        }
        assertThat(box.getLong(0)).isEqualTo(1);
    }

    static class PauseCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();

        @EachPause
        void test(PausePoint at, @Shm(label = "box") Segment box, ShmTestkit kit) {
            try (Held writer = at.runAndHold(command(kit, "flag-first", box))) {
                SEEN.add(List.of((long) at.accesses(), box.getLong(0), box.getLong(64)));
                assertThat(writer.accesses()).hasSize(at.accesses());
            }
            assertThat(box.getLong(64)).isEqualTo(42);
        }
    }

    @Test
    void eachPauseHoldsItOnceAtEachAccess() {
        NestedRun run = NestedRun.of(PauseCase.class).allPassed(3);

        assertThat(PauseCase.SEEN).containsExactly(List.of(0L, 0L, 0L), List.of(1L, 1L, 0L), List.of(2L, 1L, 42L));
        assertThat(run.displayNames()).element(0).isEqualTo("[1] held before its first access");
        assertThat(run.displayNames()).element(1).asString().startsWith("[2] held after access 1: box+0x0: 00→01, ");
        assertThat(run.displayNames()).element(2).asString().startsWith("[3] after its last access, 2: box+0x40: ");
    }

    static class KillCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();

        @EachPause
        void test(PausePoint at, @Shm(label = "box") Segment box, ShmTestkit kit) {
            try (Held writer = at.runAndHold(command(kit, "flag-first", box))) {
                writer.kill();
            }
            SEEN.add(List.of(box.getLong(0), box.getLong(64)));
        }
    }

    /** None of them runs to its end: each says whether there is another access. */
    @Test
    void aProgramThatIsKilledEachTimeIsHeldAtEachAccessAsWell() {
        NestedRun.of(KillCase.class).allPassed(3);

        assertThat(KillCase.SEEN).containsExactly(List.of(0L, 0L), List.of(1L, 0L), List.of(1L, 42L));
    }
}
