package io.github.shmkit.junit;

import org.opentest4j.AssertionFailedError;

/**
 * A helper ended in another way than its test declared, or did not end although that was declared, or failed in a task or
 * a script whose result the test did not look at.
 *
 * <p>The message has for each such helper how it ended and the last lines that it wrote to stderr, or what failed. What a
 * task threw is a suppressed throwable.
 *
 * @since 0.1.0
 */
public final class HelperFailure extends AssertionFailedError {
    private static final long serialVersionUID = 1L;

    HelperFailure(String message) {
        super(message);
    }
}
