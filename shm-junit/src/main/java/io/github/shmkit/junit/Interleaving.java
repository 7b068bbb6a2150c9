package io.github.shmkit.junit;

import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.AccessLog;
import java.nio.file.Path;

/**
 * One order in which programs make their accesses to shared memory, see {@link EachInterleaving}.
 *
 * @since 0.1.0
 */
public interface Interleaving {
    /** A program that takes part. */
    interface Program {}

    /**
     * A command that takes part: it runs from its start to its end, which must be with 0.
     *
     * @param program from the {@link ShmTestkit} of the same test, not started
     * @param files other objects that it may access, which it may create itself
     * @return what {@link #of(Program...)} takes
     */
    Program command(CommandHelper.Builder program, Path... files);

    /**
     * A task in a JVM of its own that takes part: what counts is what the JVM does while the task runs.
     *
     * <p>The JVM of that name is started once and does the task in each invocation: what the task leaves in static variables is
     * there in the next.
     *
     * @param jvm from the {@link ShmTestkit} of the same test, not started; each invocation describes the same
     * @param task what it does; what it captures is copied
     * @return what {@link #of(Program...)} takes
     */
    Program task(JvmHelper.Builder jvm, RemoteCallable<?> task);

    /**
     * Runs the programs to their ends, one access at a time, in the order of this invocation.
     *
     * @param programs at least two, each with a name of its own
     * @throws AssertionError if they come to a state in which none of them can go on, with the position of each; or if one does
     *     not end well
     * @throws io.github.shmkit.ShmException if one cannot be traced, with the reason
     * @throws IllegalStateException if this invocation has run programs before
     * @throws org.opentest4j.TestAbortedException if the order cannot be kept, since the programs do not do the same each time
     */
    void of(Program... programs);

    /**
     * The same for commands.
     *
     * @param programs at least two, as for {@link #command}
     * @throws AssertionError as {@link #of(Program...)}
     */
    void of(CommandHelper.Builder... programs);

    /**
     * What the programs did, in the order in which it happened.
     *
     * @return the accesses of all
     * @throws IllegalStateException before they ran
     */
    AccessLog log();

    /**
     * The order, as {@code shmkit.schedule} takes it to run it again.
     *
     * @return for example {@code writer*6 reader*2 writer*1}
     * @throws IllegalStateException before the programs ran
     */
    String schedule();
}
