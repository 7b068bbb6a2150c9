package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.AccessLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CrashedProgramTests {
    private static String program = "";

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        program = WriterProgram.path();
    }

    static class StepsCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "steps", "{path}").attach(ring));
            SEEN.add(List.of(
                    (long) at.steps(),
                    ring.getLong(0),
                    ring.getLong(8),
                    ring.getLong(16),
                    ring.getLong(24),
                    ring.getLong(32)));
        }
    }

    @Test
    void killsTheProgramBeforeItsFirstStoreAndAfterEach() {
        NestedRun run = NestedRun.of(StepsCase.class).allPassed(7);

        assertThat(StepsCase.SEEN)
                .containsExactly(
                        List.of(-1L, 1L, 2L, 3L, 4L, 5L),
                        List.of(0L, 0L, 0L, 0L, 0L, 0L),
                        List.of(1L, 1L, 0L, 0L, 0L, 0L),
                        List.of(2L, 1L, 2L, 0L, 0L, 0L),
                        List.of(3L, 1L, 2L, 3L, 0L, 0L),
                        List.of(4L, 1L, 2L, 3L, 4L, 0L),
                        List.of(5L, 1L, 2L, 3L, 4L, 5L));
        assertThat(run.displayNames())
                .startsWith("[1] runs to its end, and its stores are recorded", "[2] killed before the first store")
                .element(2)
                .asString()
                .startsWith("[3] killed after store 1: ring+0x0: 00→01, writer+0x");
    }

    static class ChildCase {
        static final Queue<Long> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("parent", "sh", "-c", program + " steps {path}; exit $(($? != 0))")
                    .attach(ring));
            SEEN.add(ring.getLong(8));
        }
    }

    @Test
    void parentOfTheKilledProcessEndsAsItLikes() {
        NestedRun.of(ChildCase.class).allPassed(7);
        assertThat(ChildCase.SEEN).containsExactly(2L, 0L, 0L, 2L, 2L, 2L, 2L);
    }

    static class ParallelCase {
        static final Queue<Integer> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "steps", "{path}").attach(ring));
            SEEN.add(at.steps());
        }
    }

    /** The names of invocations have what the record says, so none can be made before. */
    @Test
    void staysOnOneThreadWhereTestsRunInParallel() {
        NestedRun.inParallel(ParallelCase.class).allPassed(7);
        assertThat(ParallelCase.SEEN).containsExactly(-1, 0, 1, 2, 3, 4, 5);
    }

    static class ReturningCase {
        static final Queue<Integer> STATES = new ConcurrentLinkedQueue<>();
        static final Queue<Integer> STORES = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void states(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "returning", "{path}").attach(ring));
            STATES.add(at.steps());
        }

        @EachCrashPoint(points = EachCrashPoint.Points.STORES, max = 4)
        void stores(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "returning", "{path}").attach(ring));
            STORES.add(at.steps());
        }
    }

    @Test
    void aStateThatWasThereBeforeIsNoPointUnlessAllAreWanted() {
        NestedRun run = NestedRun.of(ReturningCase.class).allPassed(5 + 5);

        assertThat(ReturningCase.STATES).containsExactly(-1, 0, 1, 2, 5);
        assertThat(ReturningCase.STORES).containsExactly(-1, 0, 1, 2, 3);
        assertThat(run.results().allEvents().reportingEntryPublished().stream()
                        .map(Object::toString)
                        .toList())
                .anyMatch(text ->
                        text.contains("the program has 6 points to die at, of which the first 4 are run; raise max "
                                + "of @EachCrashPoint for more"));
    }

    static class RobustCase {
        @EachCrashPoint(points = EachCrashPoint.Points.STORES)
        void test(CrashPoint at, @Shm(size = 16384) Segment data, ShmTestkit kit) {
            kit.command("creator", program, "robust-init", "{path}")
                    .attach(data)
                    .start()
                    .awaitExit();
            at.runAndCrash(
                    kit.command("writer", program, "robust-use", "{path}").attach(data));
            assertThat(kit.command("survivor", program, "robust-lock", "{path}")
                            .attach(data)
                            .start()
                            .awaitExit()
                            .isSuccess())
                    .isTrue();
        }
    }

    @Test
    void aRobustMutexIsReleasedWhereverItsOwnerDies() {
        NestedRun run = NestedRun.of(RobustCase.class);

        assertThat(run.failures()).isEmpty();
        assertThat(run.displayNames()).hasSizeGreaterThan(8); // as many as this libc has stores for it
    }

    static class EndsEarlyCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            String scenario = at.steps() < 0 ? "steps" : "returning";
            at.runAndCrash(kit.command("writer", program, at.steps() < 5 ? scenario : "code", "{path}")
                    .attach(ring));
        }
    }

    @Test
    void aRunThatEndsBeforeItsPointIsAborted() {
        NestedRun run = NestedRun.of(EndsEarlyCase.class);

        assertThat(run.failures()).isEmpty();
        assertThat(run.skipped())
                .singleElement()
                .asString()
                .matches(
                        "helper 'writer' \\(pid \\d+\\) exited with code 37 before store 5, after 1 stores: store 1 is "
                                + "ring\\+0x0: 00→01, writer\\+0x.*; in the record it is ring\\+0x0: 00→01, writer\\+0x.*");
    }

    static class NotExecutableCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit, @TempDir Path own)
                throws IOException {
            Path file = Files.writeString(own.resolve("program"), "no program");
            at.runAndCrash(kit.command("writer", file.toString(), "{path}").attach(ring));
        }
    }

    static class MissingCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", "/no/such/program", "{path}").attach(ring));
        }
    }

    static class FailingCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "code", "{path}").attach(ring));
        }
    }

    static class NeverMapsCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", "true").attach(ring));
        }
    }

    static class StoresNothingCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "nothing", "{path}").attach(ring));
        }
    }

    static class TwiceCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "steps", "{path}").attach(ring));
            at.runAndCrash(kit.command("another", program, "steps", "{path}").attach(ring));
        }
    }

    static class NoScriptCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm Segment ring) {
            at.runAndCrash(ring);
        }
    }

    static class TracesCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "tracing", "{path}").attach(ring));
        }
    }

    static class NoPointsCase {
        @EachCrashPoint(max = 0)
        void test(CrashPoint at) {}
    }

    private static void assertFails(Class<?> testClass, Class<? extends Throwable> type, String message) {
        assertThat(NestedRun.of(testClass).failures().get(0)).isInstanceOf(type).hasMessageContaining(message);
    }

    @Test
    void misuseSaysWhatWasSeenAndWhatToDo() {
        assertFails(
                FailingCase.class,
                HelperDiedException.class,
                "exited with code 37 by itself while its stores were recorded; let it work before it is killed");
        assertFails(
                NeverMapsCase.class,
                ShmException.class,
                "never mapped what it is traced in; attach the segment that it maps, or name the file");
        assertFails(StoresNothingCase.class, ShmException.class, "mapped ring, but changed no byte of it");
        assertFails(TwiceCase.class, IllegalStateException.class, "armed a program already; one program dies in each");
        assertFails(
                NoScriptCase.class,
                IllegalStateException.class,
                "has no script to run; give runAndCrash a program, or the annotation a script");
        assertFails(
                TracesCase.class,
                ShmException.class,
                "cannot trace the program: it traces processes itself, and a process has one tracer at a time");
        assertFails(NotExecutableCase.class, ShmException.class, "/program is not executable: chmod +x it");
        assertFails(
                MissingCase.class,
                ShmException.class,
                "cannot run '/no/such/program': ENOENT (No such file or directory); there is no file /no/such/program");
        assertFails(NoPointsCase.class, ExtensionConfigurationException.class, "at least 1 point is needed");
    }

    static class RecordCase {
        static final Queue<AccessLog> SEEN = new ConcurrentLinkedQueue<>();

        @EachSegmentKind
        void test(@Shm(size = 16384) Segment ring, ShmTestkit kit) {
            boolean sysv = ring.kind() == SegmentKind.SYSV_SHM;
            AccessLog log =
                    kit.record(kit.command("writer", program, sysv ? "sysv" : "steps", sysv ? "{shmid}" : "{path}")
                            .attach(ring));
            SEEN.add(log);
            assertThat(log.lastChange(ring, 8).map(Access::point)).contains(2L);
        }
    }

    @Test
    void theKitRecordsWhatAProgramStores() {
        NestedRun.of(RecordCase.class).allPassed(4);

        assertThat(RecordCase.SEEN).extracting(log -> log.points().size()).containsExactlyInAnyOrder(5, 5, 5, 3);
        assertThat(Path.of("target/shmkit/artifacts", RecordCase.class.getName(), "test[1]"))
                .doesNotExist();
    }

    static class ServingCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            CommandHelper server =
                    at.start(kit.command("server", program, "serving", "{path}").attach(ring));
            kit.await().untilLong(ring, 0, is(1L));
            at.arm(server, () -> {
                ring.putLongVolatile(8, 1);
                kit.await().untilLong(ring, 40, is(3L));
            });
            SEEN.add(List.of((long) at.steps(), ring.getLong(16), ring.getLong(24), ring.getLong(40)));
            if (server.isAlive()) {
                ring.putLongVolatile(8, 2);
                server.awaitExit();
            }
        }
    }

    @Test
    void aProgramThatIsUpIsArmedForOneRequest() {
        NestedRun run = NestedRun.of(ServingCase.class).allPassed(5);

        assertThat(ServingCase.SEEN)
                .containsExactly(
                        List.of(-1L, 1L, 2L, 3L),
                        List.of(0L, 0L, 0L, 0L),
                        List.of(1L, 1L, 0L, 0L),
                        List.of(2L, 1L, 2L, 0L),
                        List.of(3L, 1L, 2L, 3L));
        assertThat(run.displayNames()).element(2).asString().startsWith("[3] killed after store 1: ring+0x10: 00→01");
    }

    static class ForeverCase {
        @RegisterExtension
        static final ShmSettings IMPATIENT =
                ShmSettings.builder().timeoutFactor(0.1).build();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "forever", "{path}").attach(ring));
        }
    }

    @Test
    void aProgramThatDoesNotEndIsToldWithWhatItDid() {
        assertThat(NestedRun.of(ForeverCase.class).failures().get(0))
                .isInstanceOf(ShmException.class)
                .message()
                .matches(
                        "helper 'writer' \\(pid \\d+\\) did not end within 3000 ms; it is \\w+; it has changed ring \\d+ "
                                + "times, at last ring\\+0x0: .*, writer\\+0x.*; a program that serves for ever is started by "
                                + "start\\(…\\) of the CrashPoint and armed for a request");
    }
}
