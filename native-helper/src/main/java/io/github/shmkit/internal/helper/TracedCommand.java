package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.process.CommandHelper;

/** A command that runs under the tracer. */
public interface TracedCommand extends TracedHelper, CommandHelper {
    /** What starts one. */
    interface Builder extends CommandHelper.Builder {
        /**
         * As {@link #start}, under the tracer.
         *
         * @throws io.github.shmkit.ShmException also if the program cannot be traced, with the reason
         */
        TracedCommand startTraced(Tracing tracing);
    }
}
