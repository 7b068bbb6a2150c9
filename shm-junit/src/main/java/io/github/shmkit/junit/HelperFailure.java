package io.github.shmkit.junit;

import org.opentest4j.AssertionFailedError;

/**
 * A helper ended in another way than its test declared, or did not end although that was declared.
 *
 * <p>The message tells for each such helper how it ended and the last lines that it wrote to stderr.
 *
 * @since 0.1.0
 */
public final class HelperFailure extends AssertionFailedError {
    private static final long serialVersionUID = 1L;

    HelperFailure(String message) {
        super(message);
    }
}
