package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.process.CommandHelper;
import java.nio.file.Path;

/**
 * Where a process is killed, see {@link EachCrashPoint}.
 *
 * @since 0.1.0
 */
public interface CrashPoint {
    /**
     * How many steps of the script, or stores of the program, are done before.
     *
     * @return 0 if it is killed before the first; -1 in the invocation that runs a program to its end
     */
    int steps();

    /**
     * Runs the script up to here in a native helper of its own, which is then killed by SIGKILL, and waits for its end.
     *
     * @param segments for it to attach; the first is the one that the script's offsets address by default
     * @throws io.github.shmkit.script.ScriptFailedException if a step fails before the helper gets here
     * @throws IllegalStateException if the annotation has no script
     */
    void runAndCrash(Segment... segments);

    /**
     * Runs a program up to here, where it is killed by SIGKILL, and waits for its end. In the first invocation it is not
     * killed, and must end with code 0.
     *
     * <p>Its stores into the segments that are attached to it are traced. Of a program with several processes, the one that
     * made the store is killed.
     *
     * @param program from the {@link ShmTestkit} of the same test, not started
     * @param files other objects that it may write, which it may create itself: the path of a POSIX object is below
     *     {@code /dev/shm}
     * @throws io.github.shmkit.ShmException if the program cannot be traced here, or stores nothing, with the reason
     * @throws IllegalStateException if the annotation has a script, or this invocation has run a program before
     * @throws org.opentest4j.TestAbortedException if the program ends before it gets here, since it does not do the same
     *     each time
     */
    void runAndCrash(CommandHelper.Builder program, Path... files);
}
