package io.github.shmkit.internal.session;

import org.jspecify.annotations.Nullable;

/** Steps that are all taken, whichever of them fail; the first failure has the others as suppressed. */
final class Attempts {
    private @Nullable Throwable first;

    void run(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            if (first == null) {
                first = e;
            } else {
                first.addSuppressed(e);
            }
        }
    }

    void rethrow() {
        if (first instanceof Error error) {
            throw error;
        }
        if (first instanceof RuntimeException failure) {
            throw failure;
        }
    }
}
