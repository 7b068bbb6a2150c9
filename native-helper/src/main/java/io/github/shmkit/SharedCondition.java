package io.github.shmkit;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * A condition variable in a segment, shared by processes, see pthread_cond_init(3).
 *
 * @since 0.1.0
 */
public interface SharedCondition {
    /**
     * Makes a new condition variable there; nobody may use the place meanwhile.
     *
     * @return this
     */
    SharedCondition init();

    /**
     * Unlocks a mutex, waits until something is the case, and locks it again.
     *
     * @param mutex in a segment, locked by this thread
     * @param condition what is waited for; asked with the mutex locked, whenever somebody signals and now and then
     * @param max how long to wait at most
     * @return how the mutex was found; if its owner died, whether the condition holds is not known
     * @throws ShmException if it did not become so within the time, or this thread is interrupted; it has the mutex then too
     */
    SharedMutex.State await(SharedMutex mutex, BooleanSupplier condition, Duration max);

    /** Wakes one that waits. */
    void signal();

    /** Wakes all that wait. */
    void broadcast();
}
