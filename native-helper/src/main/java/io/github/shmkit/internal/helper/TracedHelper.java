package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.Turns;
import io.github.shmkit.process.Helper;

/** A helper that runs under the tracer. */
public interface TracedHelper extends Helper {
    /** What the tracer saw until now; all of it once the helper has ended. */
    LogFile log();

    /** From now on what it does counts, or does not; returns when that is so, or when it has ended. */
    void arm(boolean armed);

    /**
     * What gives it turns; the same each time. The caller closes it.
     *
     * @throws IllegalStateException if its accesses do not wait for any
     */
    Turns turns();
}
