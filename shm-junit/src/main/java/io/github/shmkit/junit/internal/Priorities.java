package io.github.shmkit.junit.internal;

import io.github.shmkit.junit.internal.Exploration.Candidate;
import io.github.shmkit.junit.internal.Interleaved.Chooser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Probabilistic concurrency testing: priorities by chance, and at some accesses the one that goes on gets the lowest. */
final class Priorities implements Chooser {
    private final List<Integer> order = new ArrayList<>(); // the first has the highest
    private final Set<Integer> changes;

    /**
     * Another order for each seed.
     *
     * @param depth how many constraints on the order a fault may need, at least 1
     * @param length of a run, as it is expected
     */
    Priorities(int programs, int depth, int length, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < programs; i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        changes = random.ints(depth - 1L, 0, Math.max(1, length)).boxed().collect(Collectors.toSet());
    }

    @Override
    public int choose(int number, int current, List<Candidate> enabled) {
        int highest = highest(enabled);
        if (changes.contains(number)) {
            order.remove(Integer.valueOf(highest));
            order.add(highest);
            highest = highest(enabled);
        }
        return highest;
    }

    private int highest(List<Candidate> enabled) {
        return enabled.stream()
                .map(Candidate::program)
                .min(Comparator.comparingInt(order::indexOf))
                .orElseThrow();
    }
}
