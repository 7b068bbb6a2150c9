package io.github.shmkit;

import java.time.Duration;

/**
 * A mutex in a segment, shared by processes: robust and error-checking, see pthread_mutexattr_setrobust(3).
 *
 * <p>The thread that locked it must unlock it. If the segment is closed meanwhile, the thread keeps the memory of the
 * closed segment occupied for good.
 *
 * @since 0.1.0
 */
public interface SharedMutex {
    /** How the mutex was found. */
    enum State {
        /** As its last owner left it by unlocking. */
        CONSISTENT,
        /** Its last owner died with it: what it guards may be half done, see {@link #markConsistent()}. */
        OWNER_DIED
    }

    /**
     * Makes a new mutex there; nobody may use the place meanwhile.
     *
     * @return this
     */
    SharedMutex init();

    /**
     * Locks it.
     *
     * @param max how long to wait at most
     * @return how it was found
     * @throws ShmException if it was not to be had within the time, this thread has it already (EDEADLK), nobody made it
     *     consistent after its owner's death (ENOTRECOVERABLE), or this thread is interrupted; it stays so
     */
    State lock(Duration max);

    /**
     * Says that what the mutex guards is whole again, so that it stays usable after the unlock.
     *
     * @throws ShmException if the last owner did not die (EINVAL)
     */
    void markConsistent();

    /**
     * Unlocks it.
     *
     * @throws ShmException if this thread does not have it (EPERM)
     */
    void unlock();
}
