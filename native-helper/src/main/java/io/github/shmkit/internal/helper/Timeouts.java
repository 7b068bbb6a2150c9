package io.github.shmkit.internal.helper;

import java.time.Duration;

/** How long to wait for what should come at once; a factor stretches it on slow machines. */
record Timeouts(double factor) {
    /** For whatever a living helper does without being told to wait. */
    Duration answer() {
        return scaled(Duration.ofSeconds(30));
    }

    /** From the end of a connection to the news of the process's end. */
    Duration news() {
        return scaled(Duration.ofSeconds(5));
    }

    /** As long as the helper lives. */
    static Duration forever() {
        return Duration.ofDays(36500);
    }

    Duration scaled(Duration time) {
        return Duration.ofNanos((long) (time.toNanos() * factor));
    }
}
