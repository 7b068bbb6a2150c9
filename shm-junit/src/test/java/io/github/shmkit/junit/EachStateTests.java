package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.process.HelperDiedException;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

@Timeout(120)
class EachStateTests {
    private static String program = "";

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        program = WriterProgram.path();
    }

    static class StepsCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();
        static final AtomicInteger STARTED = new AtomicInteger();

        @EachState
        void test(
                RecordedState state,
                @Shm(size = 16384, label = "ring", fill = io.github.shmkit.Fill.A5) Segment ring,
                ShmTestkit kit) {
            state.replay(
                    () -> {
                        STARTED.incrementAndGet();
                        return kit.command("writer", program, "steps", "{path}").attach(ring);
                    },
                    ring);
            assertThat(ring.getLong(48)).isEqualTo(0xa5a5a5a5a5a5a5a5L);
            SEEN.add(List.of((long) state.steps(), ring.getLong(0), ring.getLong(8), ring.getLong(32)));
            ring.putLong(48, 77); // a reader may write, and the next one does not see it
        }
    }

    private static final long OLD = 0xa5a5a5a5a5a5a5a5L;

    @Test
    void showsEachContentWithoutRunningTheProgramAgain() {
        StepsCase.SEEN.clear();
        StepsCase.STARTED.set(0);
        NestedRun run = NestedRun.of(StepsCase.class).allPassed(7);

        assertThat(StepsCase.SEEN)
                .containsExactly(
                        List.of(-1L, 1L, 2L, 5L),
                        List.of(0L, OLD, OLD, OLD),
                        List.of(1L, 1L, OLD, OLD),
                        List.of(2L, 1L, 2L, OLD),
                        List.of(3L, 1L, 2L, OLD),
                        List.of(4L, 1L, 2L, OLD),
                        List.of(5L, 1L, 2L, 5L));
        assertThat(StepsCase.STARTED).hasValue(1);
        assertThat(run.displayNames())
                .startsWith("[1] runs to its end, and its stores are recorded", "[2] before the first store")
                .element(2)
                .asString()
                .startsWith("[3] after store 1: ring+0x0: a5a5a5a5a5a5a5a5→0100000000000000, writer+0x");
    }

    static class JvmCase {
        static final int STORES = 500;
        static final AtomicInteger SEEN = new AtomicInteger();

        @EachState
        void test(RecordedState state, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            state.replay(
                    () -> kit.jvm("writer").attach(ring),
                    context -> {
                        for (long i = 1; i <= STORES; i++) {
                            context.segment().putLong(8, i);
                        }
                        return null;
                    },
                    ring);
            assertThat(ring.getLong(8)).isEqualTo(state.steps() < 0 ? STORES : state.steps());
            SEEN.incrementAndGet();
        }
    }

    @Test
    void showsEachContentThatATaskOfAJvmLeaves() {
        NestedRun.of(JvmCase.class).allPassed(JvmCase.STORES + 2);
        assertThat(JvmCase.SEEN).hasValue(JvmCase.STORES + 2);
    }

    static class FailingCase {
        @EachState
        void test(RecordedState state, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            state.replay(() -> kit.command("writer", program, "steps", "{path}").attach(ring), ring);
            assertThat(ring.getLong(8)).as("torn").isNotEqualTo(ring.getLong(0) * 2);
        }
    }

    @Test
    void aFailureShowsTheContent() {
        NestedRun run = NestedRun.of(FailingCase.class);

        assertThat(run.failures())
                .hasSize(6)
                .allSatisfy(failure -> assertThat(failure).hasMessageContaining("torn"));
    }

    @Test
    void oneContentIsShownAlone() {
        StepsCase.SEEN.clear();
        EngineTestKit.engine("junit-jupiter")
                .selectors(
                        DiscoverySelectors.selectUniqueId("[engine:junit-jupiter]/[class:" + StepsCase.class.getName()
                                + "]/[test-template:test(io.github.shmkit.junit.RecordedState, io.github.shmkit.Segment, "
                                + "io.github.shmkit.junit.ShmTestkit)]/[test-template-invocation:#4]"))
                .execute()
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).finished(1));
        assertThat(StepsCase.SEEN).containsExactly(List.of(2L, 1L, 2L, OLD));
    }

    static class NoSegmentCase {
        @EachState
        void test(RecordedState state, ShmTestkit kit) {
            state.replay(() -> kit.command("writer", program, "steps", "{path}"));
        }
    }

    static class OtherSegmentCase {
        @EachState
        void test(
                RecordedState state,
                @Shm(size = 16384, label = "ring") Segment ring,
                @Shm(label = "box") Segment box,
                ShmTestkit kit) {
            state.replay(
                    () -> kit.command("writer", program, "steps", "{segment:ring.path}")
                            .attach(ring)
                            .attach(box),
                    box);
        }
    }

    static class BadEndCase {
        @EachState
        void test(RecordedState state, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            state.replay(() -> kit.command("writer", program, "code", "{path}").attach(ring), ring);
        }
    }

    static class NothingCase {
        @EachState
        void test(RecordedState state, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            state.replay(
                    () -> kit.command("writer", program, "nothing", "{path}").attach(ring), ring);
        }
    }

    static class TwiceCase {
        @EachState
        void test(RecordedState state, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            state.replay(() -> kit.command("writer", program, "steps", "{path}").attach(ring), ring);
            state.replay(() -> kit.command("writer", program, "steps", "{path}").attach(ring), ring);
        }
    }

    static class MaxCase {
        @EachState(max = 0)
        void test(RecordedState state) {}
    }

    private static void assertFails(Class<?> testClass, Class<? extends Throwable> type, String message) {
        assertThat(NestedRun.of(testClass).failures().get(0)).isInstanceOf(type).hasMessageContaining(message);
    }

    @Test
    void misuseSaysWhatWasSeenAndWhatToDo() {
        assertFails(NoSegmentCase.class, IllegalArgumentException.class, "name it behind the program");
        assertFails(
                OtherSegmentCase.class,
                IllegalArgumentException.class,
                "the program has not mapped segment 'box', only 'ring'; attach it to the program");
        assertFails(
                BadEndCase.class,
                HelperDiedException.class,
                "exited with code 37 while its stores were recorded; let it end with 0");
        assertFails(NothingCase.class, ShmException.class, "mapped ring, but changed no byte of it");
        assertFails(TwiceCase.class, IllegalStateException.class, "one is recorded in each");
        assertFails(MaxCase.class, ExtensionConfigurationException.class, "at least 1 content is needed");
    }
}
