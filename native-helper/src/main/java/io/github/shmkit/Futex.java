package io.github.shmkit;

import java.time.Duration;

/**
 * Four bytes of a segment on whose change processes can wait, see futex(2).
 *
 * @since 0.1.0
 */
public interface Futex {
    /**
     * Sleeps until the number is another than expected, or somebody wakes this thread.
     *
     * @param expected the number
     * @param max how long at most
     * @throws ShmException if neither came within the time, or this thread is interrupted; it stays so
     */
    void await(int expected, Duration max);

    /**
     * Wakes those that sleep here, in whatever process.
     *
     * @param count how many at most
     * @return how many woke
     */
    int wake(int count);
}
