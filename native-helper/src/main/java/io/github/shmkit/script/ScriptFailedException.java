package io.github.shmkit.script;

import io.github.shmkit.ShmException;

/**
 * A step of a script, or an operation of a helper, failed; the message names it.
 *
 * @since 0.1.0
 */
public final class ScriptFailedException extends ShmException {
    private static final long serialVersionUID = 1L;

    private final transient ScriptResult result;

    /**
     * An error with the result.
     *
     * @param message which step of which helper failed, and why
     * @param result how far the script came
     */
    public ScriptFailedException(String message, ScriptResult result) {
        super(message);
        this.result = result;
    }

    /**
     * How far the script came.
     *
     * @return the result
     */
    public ScriptResult result() {
        return result;
    }
}
