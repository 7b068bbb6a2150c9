package io.github.shmkit.junit.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Finds where results change in a long row of points, without asking at each. */
public final class Bisection {
    private static final int SAMPLES = 16;

    private final Deque<Integer> samples = new ArrayDeque<>();
    private final NavigableMap<Integer, String> results = new TreeMap<>();

    /** A row of so many points. */
    public Bisection(int count) {
        int last = -1;
        for (int i = 0; i < SAMPLES; i++) {
            int sample = (int) ((long) i * (count - 1) / (SAMPLES - 1));
            if (sample > last) {
                samples.add(sample);
            }
            last = sample;
        }
    }

    /** Where to ask next, from 0; empty if all borders are known. */
    public OptionalInt next() {
        if (!samples.isEmpty()) {
            return OptionalInt.of(samples.remove());
        }
        Map.Entry<Integer, String> before = null;
        for (Map.Entry<Integer, String> entry : results.entrySet()) {
            if (before != null
                    && entry.getKey() - before.getKey() > 1
                    && !entry.getValue().equals(before.getValue())) {
                return OptionalInt.of((before.getKey() + entry.getKey()) / 2);
            }
            before = entry;
        }
        return OptionalInt.empty();
    }

    /** What was found there. */
    public void found(int index, String result) {
        results.put(index, result);
    }

    /** How many were asked. */
    public int asked() {
        return results.size();
    }
}
