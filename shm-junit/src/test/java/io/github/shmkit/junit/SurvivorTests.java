package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import io.github.shmkit.Segment;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.opentest4j.AssertionFailedError;

@Timeout(120)
class SurvivorTests {
    private static String program = "";

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        program = WriterProgram.path();
    }

    static class LockCase {
        static final Queue<Integer> WELL = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "lock", "{path}").attach(ring));
            at.othersGoOn(
                    kit.command("reader", program, "lock", "{path}").attach(ring),
                    kit.command("another", program, "lock", "{path}").attach(ring));
            WELL.add(at.steps());
        }
    }

    @Test
    void aCertainDeadlockIsToldAtOnce() {
        long start = System.nanoTime();
        NestedRun run = NestedRun.of(LockCase.class);

        assertThat(LockCase.WELL).containsExactly(-1, 0, 4);
        assertThat(run.failures())
                .hasSize(3)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(AssertionFailedError.class)
                        .message()
                        .contains(
                                "helper 'reader' (pid ",
                                "helper 'another' (pid ",
                                "ring+0x100 was written last by helper"));
        assertThat(System.nanoTime() - start).isLessThan(25_000_000_000L); // by time-out it takes 30 s
    }

    static class OneCase {
        @EachCrashPoint(max = 2)
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "lock", "{path}").attach(ring));
            at.othersGoOn(kit.command("reader", program, "lock", "{path}").attach(ring));
        }
    }

    @Test
    void theMessageHasTheWordAndWhoWroteIt() {
        assertThat(NestedRun.of(OneCase.class).failure())
                .message()
                .matches(
                        "the others cannot go on: helper 'reader' \\(pid \\d+\\) waits for ever in futex\\(2\\) at "
                                + "ring\\+0x100, where the int is 1, in .*; ring\\+0x100 was written last by helper 'writer' \\(pid \\d+\\), which "
                                + "is dead: store 1, ring\\+0x100: 00→01, writer\\+0x[0-9a-f]+ \\(lock.*\\); no other process could wake them");
    }

    static class StartedCase {
        @EachCrashPoint(max = 2)
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "lock", "{path}").attach(ring));
            CommandHelper reader = kit.command("reader", "sh", "-c", program + " lock {path}; exit $?")
                    .attach(ring)
                    .start();
            at.othersGoOn(reader);
        }
    }

    @Test
    void aProgramThatWaitsForAnotherIsPartOfIt() {
        assertThat(NestedRun.of(StartedCase.class).failure())
                .hasMessageContaining("helper 'reader' (pid ")
                .hasMessageContaining("waits for ever in wait(2)")
                .hasMessageContaining("waits for ever in futex(2) at ring+0x100");
    }

    /** As a library does that calls the kernel itself; what the kit has for it, has a limit. */
    private static void futexWait(long address, int expected) {
        var unused =
                Function.getFunction("c", "syscall").invokeInt(new Object[] {202L, address, 0L, (long) expected, 0L});
    }

    private static void down(int set) {
        try (Memory operation = new Memory(6)) {
            operation.clear();
            operation.setShort(2, (short) -1);
            var unused = Function.getFunction("c", "semop").invokeInt(new Object[] {set, operation, 1L});
        }
    }

    static class JvmCase {
        @EachCrashPoint(max = 2)
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "lock", "{path}").attach(ring));
            String result = at.othersGoOn(kit.jvm("reader").attach(ring), context -> {
                Segment mine = context.segment();
                while (mine.getIntVolatile(256) != 0) {
                    futexWait(mine.nativeAddress() + 256, 1);
                }
                return "done";
            });
            assertThat(result).isEqualTo("done");
        }
    }

    @Test
    void aTaskThatWaitsForEverIsToldWithItsJavaFrames() {
        assertThat(NestedRun.of(JvmCase.class).failure())
                .hasMessageContaining("helper 'reader' (pid ")
                .hasMessageContaining("waits for ever in futex(2) at ring+0x100, where the int is 1, in task 1: at ")
                .hasMessageContaining("store 1, ring+0x100: 00→01");
    }

    static class LivingCase {
        @RegisterExtension
        static final ShmSettings IMPATIENT =
                ShmSettings.builder().timeoutFactor(0.3).build();

        static final Queue<Integer> WELL = new ConcurrentLinkedQueue<>();

        /** The JVM could wake it, since it is up and has the segment; that it never will, nobody knows. */
        @EachCrashPoint(max = 2)
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            JvmHelper other = kit.jvm("other").attach(ring).start();
            var unused = other.submit(context -> {
                Thread.sleep(60_000);
                return null;
            });
            at.runAndCrash(kit.command("writer", program, "lock", "{path}").attach(ring));
            at.othersGoOn(kit.command("reader", program, "lock", "{path}").attach(ring));
            WELL.add(at.steps());
        }
    }

    /** The control: nothing is certain as long as somebody lives who could wake the others. */
    @Test
    void aLivingProcessWithTheSegmentMakesItATimeOut() {
        NestedRun run = NestedRun.of(LivingCase.class);

        assertThat(LivingCase.WELL).containsExactly(-1, 0);
        assertThat(run.failures().get(0))
                .message()
                .startsWith("the others did not go on within 3000 ms: helper 'reader' (pid ")
                .contains("is SLEEPING, in futex(2) at ");
    }

    static class SpinCase {
        @RegisterExtension
        static final ShmSettings IMPATIENT =
                ShmSettings.builder().timeoutFactor(0.2).build();

        @EachCrashPoint(max = 2)
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "lock", "{path}").attach(ring));
            at.othersGoOn(kit.command("reader", program, "spin", "{path}").attach(ring));
        }
    }

    @Test
    void aLoopIsToldByTimeOut() {
        assertThat(NestedRun.of(SpinCase.class).failure())
                .message()
                .startsWith("the others did not go on within 2000 ms: helper 'reader' (pid ");
    }

    static class FailsCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "steps", "{path}").attach(ring));
            at.othersGoOn(kit.command("reader", program, "code", "{path}").attach(ring));
        }
    }

    @Test
    void oneThatEndsBadlyDoesNotGoOn() {
        assertThat(NestedRun.of(FailsCase.class).failures().get(0))
                .isInstanceOf(AssertionFailedError.class)
                .message()
                .startsWith("the others did not go on: helper 'reader' (pid ")
                .contains("exited with code 37");
    }

    static class SemaphoreCase {
        @EachCrashPoint(max = 2)
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            SysvSemaphoreSet set = kit.semaphoreSet("slots", 1, 0);
            at.runAndCrash(kit.command("writer", program, "steps", "{path}").attach(ring));
            NativeHelper idle = kit.nativeHelper("idle").attach(ring).start();
            int id = set.id();
            at.othersGoOn(kit.jvm("reader").attach(ring), context -> {
                down(id);
                return null;
            });
            idle.close();
        }
    }

    @Test
    void aSemaphoreThatNobodyReleasesIsToldAtOnce() {
        assertThat(NestedRun.of(SemaphoreCase.class).failures())
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageContaining("helper 'reader' (pid ")
                        .hasMessageContaining("waits for ever in semop(2) of semaphore set "));
    }

    static class AwaitCase {
        @Test
        void test(@Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            ring.putInt(256, 1);
            kit.command("reader", program, "lock", "{path}").attach(ring).start();
            kit.await().atMost(java.time.Duration.ofSeconds(1)).untilInt(ring, 260, org.hamcrest.Matchers.is(2));
        }
    }

    @Test
    void aWaitThatLastsTooLongTellsWhoWaitsForEver() {
        assertThat(NestedRun.of(AwaitCase.class).failure())
                .message()
                .contains(
                        "the int at offset 260 of 'ring' to be 2 (last value 0): not within ",
                        "helper 'reader' (pid ",
                        "waits for ever in futex(2) at ring+0x100, where the int is 1, in ");
    }

    static class NobodyCase {
        @EachCrashPoint
        void test(CrashPoint at) {
            at.othersGoOn(List.of().toArray(CommandHelper.Builder[]::new));
        }
    }

    @Test
    void nobodyIsAnError() {
        assertThat(NestedRun.of(NobodyCase.class).failures().get(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("othersGoOn() of nobody asserts nothing; name the others");
    }
}
