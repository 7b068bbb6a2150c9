package io.github.shmkit.internal.helper;

import java.time.Duration;

/**
 * How long to wait.
 *
 * @param patience the limit of a wait that names none, {@code shmkit.timeout}
 * @param factor multiplies every limit that the test does not set itself, {@code shmkit.timeout.factor}
 */
public record Timeouts(Duration patience, double factor) {
    /** The limit of a wait that names none, unless a setting has another. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);

    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration NEWS = Duration.ofSeconds(5);

    /** The usual limits, multiplied. */
    public Timeouts(double factor) {
        this(DEFAULT_PATIENCE, factor);
    }

    /** For what the test waits for and names no limit. */
    Duration byDefault() {
        return scaled(patience);
    }

    /** For whatever a living helper does without being told to wait. */
    Duration answer() {
        return scaled(ANSWER);
    }

    /** From the end of a connection to the news of the process's end. */
    Duration news() {
        return scaled(NEWS);
    }

    /** As long as the helper lives. */
    static Duration forever() {
        return Duration.ofDays(36500);
    }

    Duration scaled(Duration time) {
        return Duration.ofNanos((long) (time.toNanos() * factor));
    }
}
