package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptFailedException;
import io.github.shmkit.script.ScriptResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class DrivenHelperTests {
    private static Session session;

    private final List<NativeHelper> started = new ArrayList<>();
    private Segment segment;

    @BeforeAll
    static void open() {
        session = Session.open();
    }

    @AfterAll
    static void end() {
        var reaped = session.end();
        assertThat(reaped.processes()).isZero();
        assertThat(reaped.removed()).isZero();
    }

    @BeforeEach
    void create() {
        segment =
                session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(4096).label("data"));
    }

    @AfterEach
    void close() {
        started.forEach(NativeHelper::close);
        segment.close();
    }

    private NativeHelper start(Segment... segments) {
        NativeHelper.Builder builder = new NativeHelpers(session.supervisor(), new Timeouts(1)).helper("peer");
        for (Segment s : segments) {
            builder = builder.attach(s);
        }
        NativeHelper helper = builder.start();
        started.add(helper);
        return helper;
    }

    private static DrivenHelper driven(NativeHelper helper) {
        return (DrivenHelper) helper;
    }

    @ParameterizedTest
    @EnumSource
    void sharesEveryKindOfSegmentWithThisJvm(SegmentKind kind) {
        try (Segment shared = session.create(SegmentSpec.of(kind).size(5000).label("shared"))) {
            NativeHelper helper = start(shared);

            helper.putInt(4996, 7);
            shared.putLongRelease(0, -5);

            assertThat(shared.getInt(4996)).isEqualTo(7);
            assertThat(helper.getLongAcquire(0)).isEqualTo(-5);
        }
    }

    @Test
    void loadsStoresAndModifiesInEveryWidth() {
        NativeHelper helper = start(segment);

        helper.putByte(0, (byte) -1);
        helper.putShort(2, (short) -2);
        helper.putIntVolatile(4, -3);
        helper.putLongVolatile(8, -4);

        assertThat(helper.getByte(0)).isEqualTo((byte) -1);
        assertThat(helper.getShort(2)).isEqualTo((short) -2);
        assertThat(helper.getIntVolatile(4)).isEqualTo(-3);
        assertThat(helper.getLongVolatile(8)).isEqualTo(-4);
        assertThat(segment.getShort(2)).isEqualTo((short) -2);
        assertThat(helper.getAndAddInt(4, 10)).isEqualTo(-3);
        assertThat(helper.getAndAddLong(8, 5)).isEqualTo(-4);
        assertThat(helper.compareAndSetInt(4, 7, -8)).isTrue();
        assertThat(helper.compareAndSetInt(4, 7, 9)).isFalse();
        assertThat(helper.compareAndSetLong(8, 1, -2)).isTrue();
        assertThat(helper.getAndSet(8, 8, 3, MemoryOrder.ACQUIRE_RELEASE)).isEqualTo(-2);
        assertThat(segment.getInt(4)).isEqualTo(-8);
    }

    @Test
    void namesOfSegmentsWorkInTheHelperAsWell() {
        NativeHelper helper = start(segment);

        helper.putIntOpaque(0, 3);
        helper.putLongOpaque(8, -4);

        assertThat(helper.getIntOpaque(0)).isEqualTo(3).isEqualTo(segment.getIntOpaque(0));
        assertThat(helper.getLongOpaque(8)).isEqualTo(-4).isEqualTo(segment.getLongOpaque(8));
        assertThat(helper.getAndSetInt(0, -1)).isEqualTo(3);
        assertThat(helper.getAndSetLong(8, 5)).isEqualTo(-4);
        assertThat(helper.compareAndExchangeInt(0, -1, 6)).isEqualTo(-1);
        assertThat(helper.compareAndExchangeInt(0, -1, 7)).isEqualTo(6);
        assertThat(helper.compareAndExchangeLong(8, 5, -7)).isEqualTo(5);
        assertThat(helper.compareAndExchangeLong(8, 5, 8)).isEqualTo(-7);
        assertThat(segment.getInt(0)).isEqualTo(6);
        assertThat(segment.getLong(8)).isEqualTo(-7);
    }

    @Test
    void copiesFillsAndSums() {
        try (Segment large =
                session.create(SegmentSpec.of(SegmentKind.MEMFD).size(3 << 20).label("large"))) {
            NativeHelper helper = start(segment, large);
            byte[] bytes = new byte[3 << 20];
            new Random(1).nextBytes(bytes);

            helper.in("large").putBytes(0, bytes);
            CRC32 sum = new CRC32();
            sum.update(bytes);

            assertThat(large.getBytes(0, bytes.length)).isEqualTo(bytes);
            assertThat(helper.in("large").getBytes(0, bytes.length)).isEqualTo(bytes);
            assertThat(helper.in("large").crc32(0, bytes.length)).isEqualTo(sum.getValue());
            helper.fill(1, 3, (byte) 0xa5);
            assertThat(segment.getBytes(0, 5)).containsExactly(0, 0xa5, 0xa5, 0xa5, 0);
            assertThat(helper.getBytes(2, 1)).containsExactly(0xa5);
            assertThat(helper.getBytes(2, 0)).isEmpty();
        }
    }

    @Test
    void runsAScriptOnItsOwnWhileTheTestGoesOn() {
        NativeHelper helper = start(segment);

        Running running = helper.run(Script.of(b -> b.awaitInt(0, Comparison.EQUAL, 1, Duration.ofSeconds(10))
                .repeat(1_000, r -> r.getAndAddLong(8, 1))
                .getLong(8)
                .keep("count")
                .compareAndExchangeLong(8, 1_000, 5)));
        assertThat(running.isDone()).isFalse();
        segment.putIntRelease(0, 1);
        ScriptResult result = running.await();

        assertThat(result.value("count")).isEqualTo(1_000);
        assertThat(result.swapped()).isTrue();
        assertThat(result.iterations()).isEqualTo(1_000);
        assertThat(running.isDone()).isTrue();
        assertThat(segment.getLong(8)).isEqualTo(5);
    }

    @Test
    void answersManyScriptsInTheirOrder() {
        NativeHelper helper = start(segment);
        List<Running> all = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            all.add(helper.run(Script.of(b -> b.getAndAddLong(0, 1))));
        }
        for (int i = 4_999; i >= 0; i--) {
            assertThat(all.get(i).await().lastValue()).isEqualTo(i);
        }
    }

    @Test
    void namesTheStepThatFailed() {
        NativeHelper helper = start(segment);
        Running running = helper.run(Script.of(b ->
                b.repeat(5, r -> r.getAndAddInt(4, 1).check(Comparison.LESS, 2)).putInt(8, 1)));

        assertThatThrownBy(running::await)
                .isInstanceOf(ScriptFailedException.class)
                .hasMessage("helper 'peer' (pid " + helper.pid()
                        + "): step 2, CHECK 8 bytes < 2, after rounds [2] does not hold; the value was 2");
        assertThat(running.outcome().status()).isEqualTo(ScriptResult.Status.MISMATCH);
        assertThat(segment.getInt(8)).isZero();
    }

    @Test
    void aWaitInVainNamesTheLastValue() {
        NativeHelper helper = start(segment);
        segment.putLong(16, 3);

        assertThatThrownBy(() -> helper.awaitLong(16, 5, Duration.ofMillis(30)))
                .isInstanceOf(ScriptFailedException.class)
                .hasMessage("helper 'peer' (pid " + helper.pid()
                        + "): AWAIT 8 bytes at offset 16 == 5, ACQUIRE waited in vain; the last value was 3");
        assertThat(helper.awaitLong(16, Comparison.GREATER, 2, Duration.ofSeconds(10)))
                .isEqualTo(3);
    }

    @Test
    void offsetsAreCheckedBeforeAnythingIsSent() {
        NativeHelper helper = start(segment);

        assertThatThrownBy(() -> helper.putLong(4092, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("offset 4092 and 8 bytes are not within segment 'data' of 4096 bytes");
        assertThatThrownBy(() -> helper.getInt(6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("offset 6 in segment 'data' of 4096 bytes is not a multiple of 4, "
                        + "as an access of 4 bytes by a helper needs");
        assertThatThrownBy(() -> helper.getByte(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> helper.in("other").getByte(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("helper 'peer' has no segment 'other' attached, only 'data'");
        assertThatThrownBy(() -> helper.run(Script.of(b -> b.putInt(0, 1).putInt(4096, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> helper.putBytes(4000, new byte[97])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> helper.get(0, 8, MemoryOrder.RELEASE)).isInstanceOf(IllegalArgumentException.class);
        assertThat(segment.getBytes(0, 4096)).containsOnly(0);
    }

    @Test
    void attachingAClosedSegmentSaysWhichAndLeavesNoProcess() {
        Segment closed = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).label("gone"));
        closed.close();

        assertThatThrownBy(() -> start(segment, closed))
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("cannot attach segment 'gone' (posix:/shmkit.")
                .hasMessageContaining("ENOENT; was it closed or unlinked?");
    }

    @Test
    void aDeadHelperEndsTheWaitAtOnceAndSaysOfWhatItDied() {
        NativeHelper helper = start(segment);
        helper.echo("I have a bad feeling\n");
        Running running = helper.run(Script.of(b -> b.die(Signal.SIGSEGV).putInt(0, 1)));

        long start = System.nanoTime();
        assertThatThrownBy(running::await)
                .isInstanceOf(HelperDiedException.class)
                .hasMessage("helper 'peer' (pid " + helper.pid() + ") was killed by SIGSEGV"
                        + "; it was to do a script of 2 steps; stderr:\n  I have a bad feeling");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThatThrownBy(() -> helper.getInt(0)).isInstanceOf(HelperDiedException.class);
        assertThat(helper.isAlive()).isFalse();
        assertThat(helper.state()).isEqualTo(HelperState.EXITED);
        assertThat(driven(helper).undeclaredDeath())
                .hasValueSatisfying(m -> assertThat(m).contains("was killed by SIGSEGV, which expectExit had not"));
    }

    @Test
    void aWriteToAReadOnlySegmentIsAFaultWithItsPlace() {
        NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1))
                .helper("reader")
                .attachReadOnly(segment)
                .start();
        started.add(helper);
        assertThat(helper.getInt(0)).isZero();

        assertThatThrownBy(() -> helper.putInt(8, 1))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageContaining("was killed by SIGSEGV at address 0x")
                .hasMessageContaining("008 in step 0, PUT 4 bytes at offset 8, 1");
    }

    @Test
    void endsAsTheTestSays() {
        assertThat(Ends.exit(start(), 3)).isEqualTo(Exit.code(3));
        NativeHelper helper = start();
        assertThat(Ends.die(helper, Signal.SIGKILL)).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        assertThat(driven(helper).undeclaredDeath()).isEmpty();
        NativeHelper killed = start();
        assertThat(killed.kill()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        assertThat(killed.kill()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
    }

    @Test
    void declaredEndsAreComparedWithWhatCame() {
        DrivenHelper helper = driven(start().expectExit(ExitPredicate.killedBy(Signal.SIGKILL)));
        assertThat(helper.undeclaredDeath()).isEmpty();
        assertThat(helper.missingDeath())
                .hasValueSatisfying(m -> assertThat(m).contains("should have been killed by SIGKILL, but is "));

        helper.run(Script.of(b -> b.exit(0)));
        helper.awaitExit();

        assertThat(helper.missingDeath()).isEmpty();
        assertThat(helper.undeclaredDeath())
                .hasValueSatisfying(
                        m -> assertThat(m).endsWith("exited with code 0, but should have been killed by SIGKILL"));
    }

    @Test
    void itGoesOnWhenTheCallReturns() {
        NativeHelper helper = start(segment);
        for (int i = 0; i < 500; i++) {
            helper.suspend();
            helper.resume();
            assertThat(helper.state()).isNotEqualTo(HelperState.STOPPED);
        }
    }

    @Test
    void stopsAndContinues() {
        NativeHelper helper = start(segment);
        helper.suspend();
        assertThat(helper.state()).isEqualTo(HelperState.STOPPED);
        Running running = helper.run(Script.of(b -> b.putInt(0, 1)));
        assertThat(segment.getInt(0)).isZero();
        helper.resume();
        running.await();
        assertThat(segment.getInt(0)).isEqualTo(1);
        helper.suspend();
        assertThat(helper.kill()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
    }

    @Test
    void anInterruptEndsAWaitAtOnceAndStays() throws Exception {
        NativeHelper helper = start(segment);
        AtomicReference<Throwable> thrown = new AtomicReference<>(new AssertionError("nothing was thrown"));
        Thread waiting = new Thread(() -> {
            try {
                helper.awaitInt(0, 1, Duration.ofSeconds(30));
            } catch (ShmException e) {
                thrown.set(Thread.currentThread().isInterrupted() ? e : new AssertionError("the flag is gone", e));
            }
        });
        waiting.start();
        waiting.interrupt();
        waiting.join(5_000);

        assertThat(waiting.isAlive()).isFalse();
        assertThat(thrown.get()).hasMessageStartingWith("interrupted while helper 'peer'");
        segment.putIntRelease(0, 1);
        helper.putInt(4, 2);
        assertThat(segment.getInt(4)).isEqualTo(2);
    }

    @Test
    void severalThreadsMayUseOneHelper() throws Exception {
        NativeHelper helper = start(segment);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 500; j++) {
                    helper.getAndAddLong(0, 1);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(segment.getLong(0)).isEqualTo(2_000);
    }

    @Test
    void detachesByLabel() {
        try (Segment other = session.create(SegmentSpec.of(SegmentKind.SYSV_SHM).label("other"))) {
            NativeHelper helper = start(segment, other);
            helper.in("other").putInt(0, 1);
            helper.detach("other");
            assertThatThrownBy(() -> helper.in("other")).isInstanceOf(IllegalArgumentException.class);
            helper.attach(other);
            assertThat(helper.in("other").getInt(0)).isEqualTo(1);
        }
    }
}
