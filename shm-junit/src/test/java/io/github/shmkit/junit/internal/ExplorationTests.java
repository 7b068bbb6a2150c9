package io.github.shmkit.junit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.internal.Exploration.Step;
import io.github.shmkit.junit.internal.Simulated.Access;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which schedules are run, of programs that are only lists of accesses. */
class ExplorationTests {
    private static final int ALL = Integer.MAX_VALUE;

    /** What all runs came to. */
    private record Outcome(List<List<Integer>> schedules, Set<List<Integer>> states, int preemptions) {}

    private static Outcome explore(List<List<Access>> programs, int preemptions, boolean everywhere) {
        Exploration exploration = new Exploration(programs.size(), preemptions, everywhere);
        List<String> names =
                IntStream.range(0, programs.size()).mapToObj(Integer::toString).toList();
        List<List<Integer>> schedules = new ArrayList<>();
        Set<List<Integer>> states = new HashSet<>();
        int most = 0;
        while (!exploration.isDone()) {
            Simulated run =
                    Simulated.run(programs, Choosers.prefix(exploration.next().choices(), names));
            most = Math.max(
                    most, (int) run.steps().stream().filter(Step::isPreemption).count());
            schedules.add(run.schedule());
            states.add(run.words());
            exploration.ran(run.steps());
        }
        return new Outcome(schedules, states, most);
    }

    private static List<Access> independent(int program, int accesses) {
        return IntStream.range(0, accesses)
                .mapToObj(i -> new Access(program, true, i))
                .toList();
    }

    /** k and m independent accesses: as many orders as there are ways to choose k of k + m. */
    @ParameterizedTest
    @CsvSource({"1, 1, 2", "3, 2, 10", "4, 4, 70", "5, 5, 252", "6, 4, 210"})
    void withoutReductionEachOrderIsRunOnce(int k, int m, int orders) {
        Outcome all = explore(List.of(independent(0, k), independent(1, m)), ALL, true);

        assertThat(all.schedules()).hasSize(orders).doesNotHaveDuplicates();
    }

    /** 6! / (2! 2! 2!) */
    @Test
    void threeProgramsToo() {
        Outcome all = explore(List.of(independent(0, 2), independent(1, 2), independent(2, 2)), ALL, true);

        assertThat(all.schedules()).hasSize(90).doesNotHaveDuplicates();
    }

    /** Each of a's 3 inner places and of b's 3: one preemption; and neither. */
    @Test
    void noOrderHasMorePreemptionsThanAreWanted() {
        List<List<Access>> programs = List.of(independent(0, 4), independent(1, 4));

        Outcome none = explore(programs, 0, true);
        assertThat(none.schedules()).hasSize(2);
        assertThat(none.preemptions()).isZero();
        Outcome one = explore(programs, 1, true);
        assertThat(one.schedules()).hasSize(2 + 3 + 3).doesNotHaveDuplicates();
        assertThat(one.preemptions()).isEqualTo(1);
    }

    @Test
    void whatDoesNotConflictIsNotPreempted() {
        Outcome reduced = explore(List.of(independent(0, 4), independent(1, 4)), ALL, false);

        assertThat(reduced.schedules()).hasSize(2);
    }

    /** The reduction loses no state, whatever the programs do. */
    @Test
    void theReducedSearchComesToTheSameStates() {
        Random random = new Random(7);
        long all = 0;
        long reduced = 0;
        for (int i = 0; i < 300; i++) {
            List<List<Access>> programs = List.of(any(random), any(random));
            Outcome full = explore(programs, ALL, true);
            Outcome some = explore(programs, ALL, false);
            assertThat(some.states()).as("%s", programs).isEqualTo(full.states());
            assertThat(some.schedules()).doesNotHaveDuplicates();
            all += full.schedules().size();
            reduced += some.schedules().size();
        }
        assertThat(reduced).isLessThan(all);
    }

    /** The same with a bound. */
    @Test
    void theReducedSearchComesToTheSameStatesWithTwoPreemptions() {
        Random random = new Random(11);
        for (int i = 0; i < 300; i++) {
            List<List<Access>> programs = List.of(any(random), any(random), any(random));
            assertThat(explore(programs, 2, false).states())
                    .as("%s", programs)
                    .isEqualTo(explore(programs, 2, true).states());
        }
    }

    private static List<Access> any(Random random) {
        return IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> new Access(random.nextInt(Simulated.WORDS), random.nextBoolean(), 1 + random.nextInt(9)))
                .toList();
    }
}
