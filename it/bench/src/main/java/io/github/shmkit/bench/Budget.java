package io.github.shmkit.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The time that a run may take on whatever machine: the first pass of each benchmark is always run, a further one only if
 * it is over in time, should it take as long as the longest of its benchmark until then.
 */
final class Budget {
    private final LongSupplier nanoTime;
    private final long end;
    private final Map<String, Long> longest = new HashMap<>();

    /** Begins now. */
    Budget(Duration time, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        end = nanoTime.getAsLong() + time.toNanos();
    }

    /** Whether there is time for one more pass of a benchmark. */
    boolean hasTimeFor(String id) {
        Long took = longest.get(id);
        return took == null || nanoTime.getAsLong() + took <= end;
    }

    /** A pass of it that began then is over now. */
    void spent(String id, long startNanos) {
        longest.merge(id, nanoTime.getAsLong() - startNanos, Math::max);
    }
}
