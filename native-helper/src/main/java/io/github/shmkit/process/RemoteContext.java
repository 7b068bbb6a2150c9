package io.github.shmkit.process;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;

/**
 * What code in a JVM helper shares with the test.
 *
 * @since 0.1.0
 */
public interface RemoteContext {
    /**
     * The name of this helper.
     *
     * @return never empty
     */
    String name();

    /**
     * The segment that was attached first, in a mapping of this JVM's own.
     *
     * @return the same for the whole life of the helper
     * @throws IllegalArgumentException if none was attached
     */
    Segment segment();

    /**
     * An attached segment, in a mapping of this JVM's own.
     *
     * @param label of the segment
     * @return the same for the whole life of the helper
     * @throws IllegalArgumentException if none has that label
     */
    Segment segment(String label);

    /**
     * A named semaphore that somebody made, opened in this JVM; its close removes nothing.
     *
     * @param name {@link NamedSemaphore#name()}, with its leading slash
     * @return the same for the whole life of the helper
     * @throws IllegalArgumentException if no semaphore can have that name
     * @throws ShmException if there is none of that name
     */
    NamedSemaphore semaphore(String name);

    /**
     * A System V semaphore set that somebody made; its close removes nothing.
     *
     * @param id {@link SysvSemaphoreSet#id()}
     * @return the same for the whole life of the helper
     * @throws ShmException if there is none of that id
     */
    SysvSemaphoreSet semaphoreSet(int id);

    /**
     * A POSIX message queue that somebody made, opened in this JVM; its close removes nothing.
     *
     * @param name {@link PosixQueue#name()}, with its leading slash
     * @return the same for the whole life of the helper
     * @throws IllegalArgumentException if no queue can have that name
     * @throws ShmException if there is none of that name
     */
    PosixQueue posixQueue(String name);

    /**
     * A System V message queue that somebody made; its close removes nothing.
     *
     * @param id {@link SysvQueue#id()}
     * @return the same for the whole life of the helper
     * @throws ShmException if there is none of that id
     */
    SysvQueue sysvQueue(int id);

    /**
     * The checkpoints of the test.
     *
     * @return those that the test and all its helpers share
     */
    Checkpoints checkpoints();

    /**
     * Counts one more arrival at a checkpoint.
     *
     * @param checkpoint its name
     */
    default void reach(String checkpoint) {
        checkpoints().reach(checkpoint);
    }
}
