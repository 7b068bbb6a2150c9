package io.github.shmkit.junit.internal;

import java.time.Duration;
import org.awaitility.pollinterval.PollInterval;

/** Intervals that double from 0.2 ms to 10 ms. */
public final class Backoff implements PollInterval {
    private static final long FIRST_NANOS = 200_000;
    private static final long LAST_NANOS = 10_000_000;

    @Override
    public Duration next(int pollCount, Duration previousDuration) {
        int doublings = Math.min(Math.max(pollCount, 1) - 1, Integer.SIZE);
        return Duration.ofNanos(Math.min(FIRST_NANOS << doublings, LAST_NANOS));
    }
}
