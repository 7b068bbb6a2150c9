package io.github.shmkit;

/**
 * Something that was waited for did not happen in time; the message says what, for how long, and in which state the other
 * side is.
 *
 * <p>All waits of shmkit have one default limit, {@code shmkit.timeout} (30 s) times {@code shmkit.timeout.factor}. Where a
 * wait is an assertion, as those of {@code ShmAwait} are, this is the cause of the assertion error.
 *
 * @since 0.1.0
 */
public class ShmTimeoutException extends ShmException {
    private static final long serialVersionUID = 1L;

    /**
     * A wait that ended by its limit.
     *
     * @param message what was waited for, for how long, and what to do
     */
    public ShmTimeoutException(String message) {
        super(message);
    }

    /**
     * A wait that ended by its limit, and what ended it.
     *
     * @param message what was waited for, for how long, and what to do
     * @param cause the error beneath
     */
    public ShmTimeoutException(String message, Throwable cause) {
        super(message, cause);
    }
}
