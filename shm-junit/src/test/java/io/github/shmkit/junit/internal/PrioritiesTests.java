package io.github.shmkit.junit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.internal.Simulated.Access;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs by chance find a fault at least as often as the formula says: 1 / (n * k^(d-1)). */
class PrioritiesTests {
    private static final int SEEDS = 5000;

    private static double frequency(List<List<Access>> programs, int depth, Predicate<Simulated> isFault) {
        int accesses = programs.stream().mapToInt(List::size).sum();
        long found = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            if (isFault.test(Simulated.run(programs, new Priorities(programs.size(), depth, accesses, seed)))) {
                found++;
            }
        }
        return (double) found / SEEDS;
    }

    private static double promised(int programs, int accesses, int depth) {
        return 1 / (programs * Math.pow(accesses, depth - 1));
    }

    private static Access load() {
        return new Access(0, false, 0);
    }

    private static Access store(int added) {
        return new Access(0, true, added);
    }

    @Test
    void aLostUpdateHasDepthTwo() {
        List<List<Access>> programs = List.of(List.of(load(), store(1)), List.of(load(), store(1)));
        Predicate<Simulated> lost = run -> run.words().get(0) == 1;

        assertThat(frequency(programs, 2, lost)).isGreaterThan(promised(2, 4, 2));
        assertThat(frequency(programs, 1, lost)).isZero(); // the control: it needs a preemption
    }

    private static final List<List<Access>> THREE =
            List.of(List.of(load(), load()), List.of(load(), load()), List.of(load()));

    /** The third between the two accesses of the second, and those before the last one of the first. */
    @Test
    void threeConstraintsAreDepthThree() {
        Predicate<Simulated> fault = run -> {
            List<Integer> order = run.schedule();
            int third = order.indexOf(2);
            return order.indexOf(1) < third
                    && third < order.lastIndexOf(1)
                    && order.lastIndexOf(1) < order.lastIndexOf(0);
        };

        assertThat(frequency(THREE, 3, fault)).isGreaterThan(promised(3, 5, 3));
    }

    /** One whole order of five accesses: each access but the first is a constraint. */
    @ParameterizedTest
    @ValueSource(strings = {"[0, 1, 2, 1, 0]", "[0, 1, 2, 0, 1]"})
    void fourConstraintsAreDepthFour(String order) {
        Predicate<Simulated> fault = run -> run.schedule().toString().equals(order);

        assertThat(frequency(THREE, 4, fault)).isGreaterThan(promised(3, 5, 4));
        // The program that is preempted later may go on earlier, and may go on later.
        assertThat(frequency(THREE, 3, fault)).isPositive();
    }
}
