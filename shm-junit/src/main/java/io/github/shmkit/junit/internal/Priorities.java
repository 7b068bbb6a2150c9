package io.github.shmkit.junit.internal;

import io.github.shmkit.junit.internal.Exploration.Candidate;
import io.github.shmkit.junit.internal.Interleaved.Chooser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Probabilistic concurrency testing: each program has a priority by chance, and at {@code depth - 1} accesses by chance the
 * program with the highest one gets a priority below all of those. Which of the lower ones it gets is independent of which
 * access comes first: otherwise some orders could never come.
 */
final class Priorities implements Chooser {
    private final List<Integer> priorities = new ArrayList<>(); // by program
    private final Map<Integer, Integer> changes = new HashMap<>(); // by the number of an access

    /**
     * Another order for each seed.
     *
     * @param depth how many constraints on the order a fault may need, at least 1
     * @param length of a run, as it is expected
     */
    Priorities(int programs, int depth, int length, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < programs; i++) {
            priorities.add(depth + i);
        }
        Collections.shuffle(priorities, random);
        for (int low = 1; low < depth; low++) {
            changes.put(random.nextInt(Math.max(1, length)), low);
        }
    }

    @Override
    public int choose(int number, int current, List<Candidate> enabled) {
        Integer low = changes.get(number);
        if (low != null) {
            priorities.set(highest(enabled), low);
        }
        return highest(enabled);
    }

    private int highest(List<Candidate> enabled) {
        return enabled.stream()
                .map(Candidate::program)
                .max(Comparator.comparing(priorities::get))
                .orElseThrow();
    }
}
