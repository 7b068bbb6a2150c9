package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real programs whose accesses are put in each order. */
@Timeout(240)
@Execution(ExecutionMode.SAME_THREAD) // what is run is in static fields
class InterleavingTests {
    @TempDir
    private static Path folder;

    private static String program = "";

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        program = Compiled.compile(Path.of("src/test/resources/interleaved.c"), folder.resolve("interleaved"));
    }

    private static CommandHelper.Builder command(ShmTestkit kit, String name, String what, Segment segment) {
        return kit.command(name, program, what, "{path}").attach(segment);
    }

    static class CountingCase {
        static final Queue<String> SCHEDULES = new ConcurrentLinkedQueue<>();

        @EachInterleaving(preemptions = Integer.MAX_VALUE, everywhere = true)
        void test(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "three", box), command(kit, "b", "two", box));
            assertThat(run.log().accesses()).hasSize(5);
            SCHEDULES.add(run.schedule());
        }
    }

    /** 3 accesses and 2: 5 over 2 orders. */
    @Test
    void withoutReductionEachOrderIsRunOnce() {
        NestedRun.of(CountingCase.class).allPassed(10);

        assertThat(CountingCase.SCHEDULES).hasSize(10).doesNotHaveDuplicates();
    }

    static class IndependentCase {
        static final Queue<String> SCHEDULES = new ConcurrentLinkedQueue<>();

        @EachInterleaving(preemptions = Integer.MAX_VALUE)
        void test(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "three", box), command(kit, "b", "two", box));
            SCHEDULES.add(run.schedule());
        }
    }

    @Test
    void whatDoesNotConflictIsNotPreempted() {
        NestedRun.of(IndependentCase.class);

        assertThat(IndependentCase.SCHEDULES).containsExactly("a*3 b*2", "b*2 a*3");
    }

    static class ReducedCase {
        static final Set<Long> ALL = ConcurrentHashMap.newKeySet();
        static final Set<Long> REDUCED = ConcurrentHashMap.newKeySet();

        @EachInterleaving(preemptions = Integer.MAX_VALUE, everywhere = true)
        void all(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "add-twice", box), command(kit, "b", "add", box));
            ALL.add(box.getLong(0));
        }

        @EachInterleaving(preemptions = Integer.MAX_VALUE)
        void reduced(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "add-twice", box), command(kit, "b", "add", box));
            REDUCED.add(box.getLong(0));
        }
    }

    @Test
    void theReducedSearchComesToTheSameStates() {
        NestedRun.of(ReducedCase.class);

        assertThat(ReducedCase.ALL).containsExactlyInAnyOrder(1L, 2L, 3L);
        assertThat(ReducedCase.REDUCED).isEqualTo(ReducedCase.ALL);
    }

    /** What the next case runs: programs by name, and the sum that word 0 is to have; -1 if it does not matter. */
    private static List<String> pair = List.of();

    private static long sum = -1;

    static class PairCase {
        @EachInterleaving
        void test(Interleaving run, @Shm(label = "box") Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", pair.get(0), box), command(kit, "b", pair.get(1), box));
            if (sum >= 0) {
                assertThat(box.getLong(0)).isEqualTo(sum);
            }
        }
    }

    private static NestedRun run(String a, String b, long expected) {
        pair = List.of(a, b);
        sum = expected;
        return NestedRun.of(PairCase.class);
    }

    @ParameterizedTest
    @CsvSource({
        "flag-first, reader, -1, exited with code 3",
        "add, add, 2, 'but was: 1L'",
        "badly-locked-add, badly-locked-add, 2, 'but was: 1L'",
        "futex-wait, futex-wake-first, -1, deadlock",
        "two-futex-locks, two-futex-locks-backwards, -1, deadlock",
        "two-locks, two-locks-backwards, -1, livelock",
        "made-too-early, made-too-early, -1, exited with code 3",
        "seq-write, seq-read-without-retry, -1, exited with code 3",
        "put-early, take, -1, exited with code 3"
    })
    void findsTheFault(String a, String b, long expected, String message) {
        NestedRun run = run(a, b, expected);

        assertThat(run.failures()).hasSize(1);
        assertThat(run.failures().get(0)).hasMessageContaining(message);
        assertThat(NestedRun.diagnostics(run.failures().get(0))).contains("again alone with -Dshmkit.schedule=\"");
    }

    @ParameterizedTest
    @CsvSource({
        "data-first, reader, -1",
        "add-atomically, add-atomically, 2",
        "locked-add, locked-add, 2",
        "flock-add, flock-add, 2",
        "futex-wait, futex-wake, -1",
        "futex-wait-for-a-while, futex-wake-first, -1",
        "two-locks, two-locks, 2",
        "two-futex-locks, two-futex-locks, 2",
        "made-in-time, made-in-time, -1",
        "seq-write, seq-read, -1",
        "put, take, -1"
    })
    void accusesNoneThatIsRight(String a, String b, long expected) {
        assertThat(run(a, b, expected).failures()).isEmpty();
    }

    @Test
    void aScheduleThatFailedFailsAgainEachTime() {
        pair = List.of("add", "add");
        sum = 2;
        for (int i = 0; i < 20; i++) {
            NestedRun run = new NestedRun(NestedRun.engine(PairCase.class)
                    .configurationParameter("shmkit.schedule", "a*1 b*2 a*1")
                    .execute());
            assertThat(run.failure()).hasMessageContaining("but was: 1L");
            assertThat(run.displayNames()).containsExactly("[1] a*1 b*2 a*1");
        }
    }

    @Test
    void aScheduleThatCannotBeKeptIsNotPassed() {
        pair = List.of("add", "add");
        sum = -1;
        NestedRun.of(PairCase.class);
        NestedRun run = new NestedRun(NestedRun.engine(PairCase.class)
                .configurationParameter("shmkit.schedule", "a*5 b*2")
                .execute());
        run.results().testEvents().assertStatistics(stats -> stats.aborted(1).succeeded(0));
        assertThat(new NestedRun(NestedRun.engine(PairCase.class)
                                .configurationParameter("shmkit.schedule", "c*5")
                                .execute())
                        .failure())
                .hasMessageContaining("shmkit.schedule names 'c', which is none of the programs");
        assertThat(new NestedRun(NestedRun.engine(PairCase.class)
                                .configurationParameter("shmkit.schedule", "a5")
                                .execute())
                        .failures())
                .anyMatch(thrown -> thrown.getMessage()
                        .contains("shmkit.schedule = a5: must be names with numbers of accesses, such as a*6 b*2"));
    }

    static class TaskCase {
        static final Queue<Long> PIDS = new ConcurrentLinkedQueue<>();

        @EachInterleaving
        void test(Interleaving run, @Shm(label = "box") Segment box, ShmTestkit kit) {
            run.of(
                    run.task(kit.jvm("a").attach(box), context -> add(context.segment())),
                    run.task(kit.jvm("b").attach(box), context -> add(context.segment())));
            run.log().accesses().forEach(access -> PIDS.add(access.pid()));
            assertThat(box.getLong(0)).isEqualTo(2);
        }

        private static Object add(Segment box) {
            box.putLong(0, box.getLong(0) + 1);
            return "";
        }
    }

    @Test
    void tasksOfJvmsAreRunInEachOrderByTheSameJvms() {
        NestedRun run = NestedRun.of(TaskCase.class);

        assertThat(run.failure()).hasMessageContaining("but was: 1L");
        assertThat(run.displayNames())
                .startsWith("[1] one after the other", "[2] b*1 …")
                .hasSizeBetween(3, 4);
        assertThat(Set.copyOf(TaskCase.PIDS)).hasSize(2);
    }

    static class ChanceCase {
        static final Queue<String> SCHEDULES = new ConcurrentLinkedQueue<>();

        @RandomInterleavings(runs = 20)
        void test(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "add-twice", box), command(kit, "b", "add-twice", box));
            SCHEDULES.add(run.schedule());
        }
    }

    @Test
    void ordersByChanceAreTheSameForASeed() {
        for (int i = 0; i < 2; i++) {
            new NestedRun(NestedRun.engine(ChanceCase.class)
                            .configurationParameter("shmkit.seed", "7")
                            .execute())
                    .allPassed(20);
        }
        List<String> all = List.copyOf(ChanceCase.SCHEDULES);
        assertThat(all.subList(0, 20)).isEqualTo(all.subList(20, 40));
        assertThat(Set.copyOf(all)).hasSizeGreaterThan(3);
    }

    static class MaximumCase {
        @EachInterleaving(max = 2)
        void test(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "add", box), command(kit, "b", "add", box));
        }
    }

    @Test
    void whatIsLeftIsSaid() {
        NestedRun run = NestedRun.of(MaximumCase.class).allPassed(2);

        assertThat(run.results().allEvents().reportingEntryPublished().stream()
                        .map(Object::toString)
                        .toList())
                .anyMatch(
                        text -> text.contains("2 orders were run, and 2 that are known are left; raise max for more"));
    }

    static class MisusedCase {
        @EachInterleaving
        void one(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "add", box));
        }

        @EachInterleaving
        void sameNames(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "add", box), command(kit, "a", "add", box));
        }

        @EachInterleaving
        void twice(Interleaving run, @Shm Segment box, ShmTestkit kit) {
            run.of(command(kit, "a", "add", box), command(kit, "b", "add", box));
            run.of(command(kit, "a", "add", box), command(kit, "b", "add", box));
        }

        @EachInterleaving(max = 0)
        void none(Interleaving run) {}

        @EachInterleaving
        void early(Interleaving run) {
            run.schedule();
        }
    }

    @Test
    void misuseIsSaid() {
        assertThat(NestedRun.of(MisusedCase.class).failures())
                .extracting(Throwable::getMessage)
                .anyMatch(text -> text.contains("at least 2 programs make an order, not 1"))
                .anyMatch(text -> text.contains("each program needs a name of its own: [a, a]"))
                .anyMatch(
                        text -> text.contains("this invocation has run its programs already; one order is run in each"))
                .anyMatch(text -> text.contains("@EachInterleaving(max = 0) on method #none of "
                        + MisusedCase.class.getName() + ": at least 1 order is needed"))
                .anyMatch(text -> text.contains("no programs have run in this invocation yet; call of(…) first"));
    }
}
