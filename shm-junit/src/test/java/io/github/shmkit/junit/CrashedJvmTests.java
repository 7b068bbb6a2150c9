package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallException;
import io.github.shmkit.trace.AccessLog;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class CrashedJvmTests {
    @BeforeAll
    static void requireTracer() {
        Compiled.assumeTraced();
    }

    private static long[] words(Segment segment) {
        return new long[] {segment.getLong(0), segment.getLong(8), segment.getLong(16)};
    }

    static class TaskCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            ring.putLong(24, 77); // before: no store of the JVM
            at.runAndCrash(kit.jvm("writer").attach(ring), context -> {
                Segment mine = context.segment();
                mine.putLong(0, 1);
                mine.putLong(8, 2);
                return mine.getAndAddLong(16, 3);
            });
            SEEN.add(List.of((long) at.steps(), words(ring)[0], words(ring)[1], words(ring)[2]));
        }
    }

    @Test
    void killsTheJvmBeforeTheFirstStoreOfATaskAndAfterEach() {
        NestedRun run = NestedRun.of(TaskCase.class).allPassed(5);

        assertThat(TaskCase.SEEN)
                .containsExactly(
                        List.of(-1L, 1L, 2L, 3L),
                        List.of(0L, 0L, 0L, 0L),
                        List.of(1L, 1L, 0L, 0L),
                        List.of(2L, 1L, 2L, 0L),
                        List.of(3L, 1L, 2L, 3L));
        assertThat(run.displayNames()).element(2).asString().startsWith("[3] killed after store 1: ring+0x0: 00→01");
    }

    static class KindsCase {
        @EachSegmentKind
        void test(@Shm(label = "ring") Segment ring, ShmTestkit kit) {
            AccessLog log = kit.record(kit.jvm("writer").attach(ring), context -> {
                context.segment().putLong(8, 2);
                return null;
            });
            assertThat(log.points()).hasSize(1);
            assertThat(log.lastChange(ring, 8)).isPresent();
        }
    }

    @Test
    void aTaskIsRecordedInEachKindOfSegment() {
        NestedRun.of(KindsCase.class).allPassed(SegmentKind.values().length);
    }

    static class ServerCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            JvmHelper server = at.start(kit.jvm("server").attach(ring));
            server.call(context -> {
                context.segment().putLong(0, 1); // as it starts
                return null;
            });
            at.arm(
                    server,
                    () -> server.call(context -> {
                        context.segment().putLong(8, 2);
                        context.segment().putLong(16, 3);
                        return null;
                    }));
            assertThat(server.isAlive()).isEqualTo(at.steps() < 0);
            SEEN.add(List.of((long) at.steps(), words(ring)[0], words(ring)[1], words(ring)[2]));
        }
    }

    @Test
    void aServerIsArmedForOneRequest() {
        NestedRun.of(ServerCase.class).allPassed(4);

        assertThat(ServerCase.SEEN)
                .containsExactly(
                        List.of(-1L, 1L, 2L, 3L),
                        List.of(0L, 1L, 0L, 0L),
                        List.of(1L, 1L, 2L, 0L),
                        List.of(2L, 1L, 2L, 3L));
    }

    static class WaitsCase {
        static final Queue<Integer> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            JvmHelper server = at.start(kit.jvm("server").attach(ring));
            at.arm(server, () -> {
                var unused = server.submit(context -> {
                    context.segment().putLong(8, 2);
                    context.segment().putLong(0, 1);
                    return null;
                });
                kit.await().untilLong(ring, 0, org.hamcrest.Matchers.is(1L)); // ends at once where the server dies
            });
            SEEN.add(at.steps());
        }
    }

    @Test
    void whatARequestThrowsWhenTheServerDiesIsIgnored() {
        long start = System.nanoTime();
        NestedRun.of(WaitsCase.class).allPassed(4);

        assertThat(WaitsCase.SEEN).containsExactly(-1, 0, 1, 2);
        assertThat(System.nanoTime() - start).isLessThan(25_000_000_000L); // by time-out it takes 30 s
    }

    static class NothingCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(
                    kit.jvm("writer").attach(ring), context -> context.segment().getLong(0));
        }
    }

    static class ThrowsCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.jvm("writer").attach(ring), context -> {
                context.segment().putLong(0, 1);
                throw new IllegalStateException("no room");
            });
        }
    }

    static class ThrowsLaterCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            boolean fails = at.steps() >= 2;
            at.runAndCrash(kit.jvm("writer").attach(ring), context -> {
                context.segment().putLong(0, 1);
                if (fails) {
                    throw new IllegalStateException("no room");
                }
                context.segment().putLong(8, 1);
                return null;
            });
        }
    }

    static class ForeverCase {
        @RegisterExtension
        static final ShmSettings IMPATIENT =
                ShmSettings.builder().timeoutFactor(0.3).build();

        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.jvm("writer").attach(ring), context -> {
                context.segment().putLong(0, 1);
                Thread.sleep(60_000);
                return null;
            });
        }
    }

    @Test
    void aTaskThatDoesNotEndIsToldWithWhatItDid() {
        assertThat(NestedRun.of(ForeverCase.class).failures().get(0))
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("did not finish within 9000 ms; it is ")
                .hasMessageContaining("; the task is here:\n  at java.lang.Thread.sleep")
                .hasMessageContaining("; it has changed ring 1 times, at last ring+0x0: 00→01, ")
                .hasMessageContaining("is started by start(…) of the CrashPoint and armed for a request");
    }

    static class NotStartedCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm Segment ring, ShmTestkit kit) {
            at.arm(kit.jvm("writer").attach(ring).start(), () -> {});
        }
    }

    static class NoRequestCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            JvmHelper server = at.start(kit.jvm("writer").attach(ring));
            server.call(context -> context.segment().getLong(0));
            at.arm(server, () -> {});
        }
    }

    static class InProcessCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.jvm("writer").attach(ring).inProcess(), context -> null);
        }
    }

    static class TwoCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            JvmHelper server = at.start(kit.jvm("server").attach(ring));
            at.runAndCrash(kit.jvm("writer").attach(ring), context -> {
                context.segment().putLong(0, 1);
                return null;
            });
            at.arm(server, () -> {});
        }
    }

    private static void assertFails(Class<?> testClass, Class<? extends Throwable> type, String message) {
        assertThat(NestedRun.of(testClass).failures().get(0)).isInstanceOf(type).hasMessageContaining(message);
    }

    @Test
    void misuseSaysWhatWasSeenAndWhatToDo() {
        assertFails(NothingCase.class, ShmException.class, "mapped ring, but changed no byte of it");
        assertFails(ThrowsCase.class, RemoteCallException.class, "threw java.lang.IllegalStateException: no room");
        assertFails(
                NotStartedCase.class,
                IllegalArgumentException.class,
                "does not run under the tracer; start it by start(…) of the CrashPoint instead of its own start()");
        assertFails(
                NoRequestCase.class,
                ShmException.class,
                "mapped ring, but changed no byte of it before the request returned");
        assertFails(
                InProcessCase.class, IllegalStateException.class, "cannot be traced and killed; remove inProcess()");
        assertFails(
                TwoCase.class, IllegalStateException.class, "has armed a program already; one program dies in each");
    }

    @Test
    void aTaskThatFailsBeforeItsPointIsAborted() {
        NestedRun run = NestedRun.of(ThrowsLaterCase.class);

        assertThat(run.failures()).isEmpty();
        assertThat(run.skipped())
                .singleElement()
                .asString()
                .matches("the task of helper 'writer' \\(pid \\d+\\) ended "
                        + "by an exception before store 2, after 1 stores");
    }
}
