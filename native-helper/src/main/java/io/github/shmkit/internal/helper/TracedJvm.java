package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallable;
import org.jspecify.annotations.Nullable;

/** A JVM helper that runs under the tracer. */
public interface TracedJvm extends TracedHelper, JvmHelper {
    /** As {@link #submit}; the tracer is armed from before the first instruction of the task until after its last. */
    <T extends @Nullable Object> Remote<T> submitArmed(RemoteCallable<T> task);

    /** Ends the JVM as {@link System#exit} does, and waits for its end. */
    Exit exit(int code);

    /** What starts one. */
    interface Builder extends JvmHelper.Builder {
        /**
         * As {@link #start}, under the tracer.
         *
         * @throws io.github.shmkit.ShmException also if it cannot be traced, with the reason
         * @throws IllegalStateException if it is to be in this JVM
         */
        TracedJvm startTraced(Tracing tracing);
    }
}
