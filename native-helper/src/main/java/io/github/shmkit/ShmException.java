package io.github.shmkit;

import io.github.shmkit.internal.stack.UserStack;
import java.util.Optional;

/**
 * Something that shmkit was asked for could not be had; the message names the object, the reason and the remedy.
 *
 * <p>The stack trace begins at the caller of shmkit; {@code -Dshmkit.stack.full=true} keeps the frames above it.
 *
 * @since 0.1.0
 */
public class ShmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error with a message.
     *
     * @param message what failed, why, and what to do
     */
    public ShmException(String message) {
        super(message);
    }

    /**
     * An error with a message and what led to it.
     *
     * @param message what failed, why, and what to do
     * @param cause the error beneath
     */
    public ShmException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Keeps the frames from the caller of shmkit on. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        super.fillInStackTrace();
        return UserStack.trim(this);
    }

    /**
     * Which error of the kernel or the C library led to this.
     *
     * @return its name, for example {@code EMSGSIZE}; empty where none did
     */
    public Optional<String> error() {
        return getCause() instanceof ShmException cause ? cause.error() : Optional.empty();
    }
}
