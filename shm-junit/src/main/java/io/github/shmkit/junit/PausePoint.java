package io.github.shmkit.junit;

import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.Held;
import java.nio.file.Path;

/**
 * Where a program is held, see {@link EachPause}.
 *
 * @since 0.1.0
 */
public interface PausePoint {
    /**
     * How many accesses the program has made when it is held.
     *
     * @return 0 in the first invocation
     */
    int accesses();

    /**
     * Runs a program up to here, where it is held until the result is closed.
     *
     * @param program from the {@link ShmTestkit} of the same test, not started
     * @param files other objects that it may access, which it may create itself
     * @return the program; it has ended if this is after its last access
     * @throws io.github.shmkit.ShmException if the program cannot be traced, with the reason
     * @throws IllegalStateException if this invocation has held a program before
     * @throws org.opentest4j.TestAbortedException if the program ends or is blocked before it gets here, since it does not do
     *     the same each time
     */
    Held runAndHold(CommandHelper.Builder program, Path... files);

    /**
     * Runs a task in a JVM of its own up to here, where it is held until the result is closed.
     *
     * @param jvm from the {@link ShmTestkit} of the same test, not started
     * @param task what it does; what it captures is copied
     * @param files other objects that it may access, which it may create itself
     * @return the JVM; its task has ended if this is after the last access
     * @throws io.github.shmkit.ShmException as for a program
     * @throws IllegalStateException as for a program
     * @throws org.opentest4j.TestAbortedException as for a program
     */
    Held runAndHold(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files);
}
