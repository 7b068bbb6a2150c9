package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import java.util.function.Supplier;

/**
 * One of the contents that segments have while a program writes them, see {@link EachState}.
 *
 * @since 0.1.0
 */
public interface RecordedState {
    /**
     * After which store of the program.
     *
     * @return its number, from 1; 0 before the first; -1 in the invocation that runs the program
     */
    int steps();

    /**
     * Runs the program in the first invocation, which must end with 0, and puts the content into the segments in each of the
     * others.
     *
     * @param program gives the program, not started; called in the first invocation only
     * @param segments attached to the program
     * @throws io.github.shmkit.ShmException if the program cannot be traced, stores nothing, or does not end, with the reason
     * @throws IllegalStateException if this invocation has replayed something before
     */
    void replay(Supplier<CommandHelper.Builder> program, Segment... segments);

    /**
     * The same for a task that runs in a JVM of its own: only what it stores is recorded.
     *
     * @param jvm gives the JVM, not started; called in the first invocation only
     * @param task what it does; what it captures is copied
     * @param segments attached to the JVM
     * @throws AssertionError the one that ended the task
     * @throws io.github.shmkit.process.RemoteCallException if another exception ended the task, which is the cause
     * @throws io.github.shmkit.ShmException as for a program
     * @throws IllegalStateException as for a program
     */
    void replay(Supplier<JvmHelper.Builder> jvm, RemoteCallable<?> task, Segment... segments);
}
