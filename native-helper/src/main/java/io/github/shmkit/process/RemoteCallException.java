package io.github.shmkit.process;

import io.github.shmkit.ShmException;

/**
 * What a JVM helper was to do ended by an exception; that is the cause, or a stand-in with its name, message and stack if
 * the exception itself could not be sent.
 *
 * @since 0.1.0
 */
public final class RemoteCallException extends ShmException {
    private static final long serialVersionUID = 1L;

    /**
     * An error with the exception in the helper.
     *
     * @param message which helper, and what it threw
     * @param cause what it threw
     */
    public RemoteCallException(String message, Throwable cause) {
        super(message, cause);
    }
}
