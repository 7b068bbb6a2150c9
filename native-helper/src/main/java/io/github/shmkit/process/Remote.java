package io.github.shmkit.process;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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
     * Waits for the result, for {@code shmkit.timeout} at most.
     *
     * @return the result
     * @throws AssertionError the one that ended it, with the helper's stack before this thread's
     * @throws RemoteCallException if another exception ended it, which is the cause
     * @throws HelperDiedException at once if the helper dies before
     * @throws ShmTimeoutException if the time is over
     * @throws ShmException if this thread is interrupted; its interrupt status remains set
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
     * The result as a future, to be combined with others.
     *
     * <p>It completes exceptionally with what {@link #await()} throws; when the helper dies, at once. To cancel it does not
     * end the task.
     *
     * @return a new future each time
     */
    CompletableFuture<T> toCompletableFuture();
}
