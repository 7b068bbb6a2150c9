package io.github.shmkit;

import java.time.Duration;

/**
 * A set of System V semaphores, see semop(2).
 *
 * @since 0.1.0
 */
public interface SysvSemaphoreSet extends AutoCloseable {
    /**
     * Its id.
     *
     * @return for semop(2)
     */
    int id();

    /**
     * Its key.
     *
     * @return for semget(2), never IPC_PRIVATE
     */
    int key();

    /**
     * The name in reports.
     *
     * @return never empty
     */
    String label();

    /**
     * How many semaphores it has.
     *
     * @return at least 1
     */
    int size();

    /**
     * Changes one semaphore, see semop(2): waits until there is enough to take, or with 0 until it is zero.
     *
     * @param index from 0
     * @param operation as {@code sem_op}: what to add, negative to take, 0 to wait for zero
     * @param max how long to wait at most
     * @throws ShmException if it was not possible within the time, or this thread is interrupted; it stays so
     */
    void semop(int index, int operation, Duration max);

    /**
     * The same with {@code SEM_UNDO}: the kernel reverts the change when this JVM ends, in whichever way.
     *
     * @param index from 0
     * @param operation as {@code sem_op}: what to add, negative to take, 0 to wait for zero
     * @param max how long to wait at most
     * @throws ShmException if it was not possible within the time, or this thread is interrupted; it stays so
     */
    void semopUndo(int index, int operation, Duration max);

    /**
     * How many there are.
     *
     * @param index from 0
     * @return at this moment
     */
    int value(int index);

    /**
     * Sets how many there are; forgets what was to be undone.
     *
     * @param index from 0
     * @param value 0 to 32767
     */
    void set(int index, int value);

    /** Removes it; who waits for it gets EIDRM. */
    @Override
    void close();
}
