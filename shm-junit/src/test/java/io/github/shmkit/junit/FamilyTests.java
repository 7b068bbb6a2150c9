package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** What a helper started and what ends by itself, a little after the helper. */
@Isolated // another's objects would be taken for those of a nested run
class FamilyTests {
    private static final int RUNS = 10;
    private static final int KILLS = 5;
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    private static void assumePython() throws IOException, InterruptedException {
        Process python = new ProcessBuilder("python3", "-c", "import multiprocessing.shared_memory")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assumeTrue(python.waitFor() == 0, "needs python3 with multiprocessing.shared_memory");
    }

    private static CommandHelper python(ShmTestkit kit, String program) {
        return kit.command("python", "python3", "-u", "-c", "from multiprocessing.shared_memory import *\n" + program)
                .start();
    }

    private static void assertGone() {
        assertThat(NAMES)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(Path.of("/dev/shm", name)).doesNotExist());
        NAMES.clear();
    }

    @ExtendWith(ShmExtension.class)
    static class TidyCase {
        @RepeatedTest(RUNS)
        void test(ShmTestkit kit) {
            CommandHelper python =
                    python(kit, "s = SharedMemory(create=True, size=64); print(s.name); s.close(); s.unlink()");
            assertThat(python.awaitExit().isSuccess()).isTrue();
            NAMES.add(python.stdout().text().strip());
        }
    }

    @Test
    void resourceTrackerOfPythonIsNoLeak() throws Exception {
        assumePython();

        NestedRun.of(TidyCase.class).allPassed(RUNS);

        assertGone();
    }

    @ExtendWith(ShmExtension.class)
    static class KilledCase {
        @RepeatedTest(KILLS)
        void test(ShmTestkit kit) {
            CommandHelper python = python(
                    kit,
                    "import time\ns = SharedMemory(create=True, size=64); print(s.name, flush=True); time.sleep(60)");
            kit.await().until(() -> python.stdout().contains("\n"));
            NAMES.add(python.stdout().text().strip());
        }
    }

    @Test
    void resourceTrackerOfPythonCleansUpAfterAProgramThatTheTestsEndKills() throws Exception {
        assumePython();

        NestedRun.of(KilledCase.class).allPassed(KILLS);

        assertGone();
    }

    @ExtendWith(ShmExtension.class)
    static class LateCase {
        @Test
        void test(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 0.3 >/dev/null 2>&1 & exit 0")
                    .start()
                    .awaitExit();
        }
    }

    @Test
    void processThatEndsSoonAfterItsHelperIsNoLeak() {
        NestedRun.of(LateCase.class).allPassed(1);
    }

    // --- bounds ---

    private static final Duration GRACE = Duration.ofSeconds(2);

    @ExtendWith(ShmExtension.class)
    static class EndlessCase {
        @BeforeAll
        static void startsWhatAllNeed(ShmTestkit kit) {
            kit.command("first", "true").start().awaitExit();
        }

        @Test
        void test(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "for i in 1 2 3 4 5; do sleep 71 >/dev/null 2>&1 & done; exit 0")
                    .start()
                    .awaitExit();
        }
    }

    private static Duration timeOf(NestedRun run) {
        var events = run.results().testEvents();
        return Duration.between(
                events.started().list().get(0).getTimestamp(),
                events.finished().list().get(0).getTimestamp());
    }

    @Test
    void theGraceIsOneForAllOfTheTest() {
        NestedRun run = NestedRun.of(EndlessCase.class);

        assertThat(run.failure()).isInstanceOf(ShmLeakError.class).hasMessageContaining("sleep 71");
        assertThat(((ShmLeakError) run.failure()).leaks()).hasSize(5);
        assertThat(timeOf(run)).isBetween(GRACE, GRACE.multipliedBy(3));
    }

    @ExtendWith(ShmExtension.class)
    static class RestingFamilyCase {
        @BeforeAll
        static void startsWhatAllNeed(ShmTestkit kit) {
            kit.command("first", "true").start().awaitExit();
        }

        @Test
        void test(ShmTestkit kit) {
            CommandHelper starter = kit.command("starter", "/bin/sh", "-c", "sleep 72 & echo up; wait")
                    .start();
            kit.await().until(() -> starter.stdout().contains("up"));
        }
    }

    @Test
    void familyAtRestIsNotWaitedFor() {
        NestedRun run = NestedRun.of(RestingFamilyCase.class).allPassed(1);

        assertThat(timeOf(run)).isLessThan(GRACE);
    }

    @ExtendWith(ShmExtension.class)
    static class BusyFamilyCase {
        @Test
        void test(ShmTestkit kit) throws IOException {
            Path file = kit.artifacts().resolve("up");
            CommandHelper starter = kit.command(
                            "starter", "/bin/sh", "-c", "(touch '" + file + "'; while :; do :; done) & wait")
                    .start();
            kit.await().until(() -> Files.exists(file) && starter.isAlive());
        }
    }

    @Test
    void familyThatNeverRestsIsKilled() {
        NestedRun run = NestedRun.of(BusyFamilyCase.class).allPassed(1);

        assertThat(timeOf(run)).isBetween(GRACE, GRACE.multipliedBy(4));
    }
}
