package io.github.shmkit.process;

import io.github.shmkit.ShmException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that a JVM helper is doing.
 *
 * @param <T> what comes back
 * @since 0.1.0
 */
public interface Remote<T extends @Nullable Object> {
    /**
     * Whether it is done, or the helper has died.
     *
     * @return true if the other methods would not wait
     */
    boolean isDone();

    /**
     * Waits for the result, 30 s at most.
     *
     * @return the result
     * @throws AssertionError the one that ended it, with the helper's stack before this thread's
     * @throws RemoteCallException if another exception ended it, which is the cause
     * @throws HelperDiedException at once if the helper dies before
     * @throws ShmException if the time is over, or this thread is interrupted; it stays so
     */
    T await();

    /**
     * Waits for the result.
     *
     * @param max how long at most
     * @return the result
     * @throws AssertionError as {@link #await()}
     * @throws RemoteCallException as {@link #await()}
     * @throws HelperDiedException as {@link #await()}
     * @throws ShmException as {@link #await()}
     */
    T await(Duration max);

    /**
     * The same as {@link #await()}, by the name that futures have: it never waits without a limit.
     *
     * @return the result
     */
    default T get() {
        return await();
    }
}
