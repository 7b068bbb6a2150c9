package io.github.shmkit.internal.trace;

import io.github.shmkit.ShmException;

/** No program can be traced on this machine, or in this container. */
public final class TracerUnavailableException extends ShmException {
    private static final long serialVersionUID = 1L;

    TracerUnavailableException(String message) {
        super(message);
    }

    private TracerUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same reason behind the name of a helper. */
    public static ShmException of(String message, ShmException cause) {
        return cause instanceof TracerUnavailableException
                ? new TracerUnavailableException(message, cause)
                : new ShmException(message, cause);
    }
}
