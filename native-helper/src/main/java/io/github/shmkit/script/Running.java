package io.github.shmkit.script;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.process.HelperDiedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A script on its way.
 *
 * @since 0.1.0
 */
public interface Running {
    /**
     * Whether the helper has answered, or has died.
     *
     * @return true if the other methods would not wait
     */
    boolean isDone();

    /**
     * Waits for the end of the script, for {@code shmkit.timeout} at most.
     *
     * @return the result; its status is OK
     * @throws ScriptFailedException if a step failed, naming it
     * @throws HelperDiedException at once if the helper dies before
     * @throws ShmTimeoutException if the time is over
     * @throws ShmException if this thread is interrupted; its interrupt status remains set
     */
    ScriptResult await();

    /**
     * Waits for the end of the script.
     *
     * @param max how long at most
     * @return the result; its status is OK
     * @throws ScriptFailedException as {@link #await()}
     * @throws HelperDiedException as {@link #await()}
     * @throws ShmException as {@link #await()}
     */
    ScriptResult await(Duration max);

    /**
     * Waits for the end of the script, for {@code shmkit.timeout} at most, and returns how it ended even if a step failed.
     *
     * @return the result, whatever its status
     * @throws HelperDiedException as {@link #await()}
     * @throws ShmException as {@link #await()}
     */
    ScriptResult outcome();

    /**
     * Waits for the end of the script, and returns how it ended even if a step failed.
     *
     * @param max how long at most
     * @return the result, whatever its status
     * @throws HelperDiedException as {@link #await()}
     * @throws ShmException as {@link #await()}
     */
    ScriptResult outcome(Duration max);

    /**
     * The result as a future, to be combined with others.
     *
     * <p>It completes exceptionally with what {@link #await()} throws; when the helper dies, at once. To cancel it does not
     * end the script.
     *
     * @return a new future each time
     */
    CompletableFuture<ScriptResult> toCompletableFuture();
}
