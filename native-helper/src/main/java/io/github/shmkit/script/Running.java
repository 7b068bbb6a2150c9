package io.github.shmkit.script;

import io.github.shmkit.ShmException;
import io.github.shmkit.process.HelperDiedException;
import java.time.Duration;

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
     * Waits for the end of the script, as long as the helper lives.
     *
     * @return the result; its status is OK
     * @throws ScriptFailedException if a step failed, naming it
     * @throws HelperDiedException if the helper died
     * @throws ShmException if this thread is interrupted; it stays so
     */
    ScriptResult result();

    /**
     * Waits for the end of the script for a limited time.
     *
     * @param max how long at most
     * @return the result; its status is OK
     * @throws ScriptFailedException if a step failed, naming it
     * @throws HelperDiedException if the helper died
     * @throws ShmException if the time is over, or this thread is interrupted; it stays so
     */
    ScriptResult result(Duration max);

    /**
     * Waits for the end of the script, as long as the helper lives, and returns how it ended even if a step failed.
     *
     * @return the result, whatever its status
     * @throws HelperDiedException if the helper died
     * @throws ShmException if this thread is interrupted; it stays so
     */
    ScriptResult outcome();
}
