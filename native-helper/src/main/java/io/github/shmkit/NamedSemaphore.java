package io.github.shmkit;

import java.time.Duration;

/**
 * A POSIX named semaphore, see sem_overview(7).
 *
 * <p>What a process took stays taken when it dies.
 *
 * @since 0.1.0
 */
public interface NamedSemaphore extends AutoCloseable {
    /**
     * The name for sem_open(3).
     *
     * @return with its leading slash
     */
    String name();

    /**
     * The name in reports.
     *
     * @return never empty
     */
    String label();

    /**
     * Takes one.
     *
     * @param max how long to wait at most
     * @throws ShmException if there was none within the time, or this thread is interrupted; it stays so
     */
    void acquire(Duration max);

    /**
     * Takes one if there is one.
     *
     * @return whether there was
     */
    boolean tryAcquire();

    /** Gives one. */
    void release();

    /**
     * How many there are.
     *
     * @return at this moment
     */
    int value();

    /** Removes it; whoever has it open keeps it until he closes it. */
    @Override
    void close();
}
