package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

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
     * @throws io.github.shmkit.ShmException if the program cannot be traced, stores nothing, or does not end, with the reason
     * @throws IllegalStateException if the annotation has a script, or a program of this invocation was armed before
     * @throws org.opentest4j.TestAbortedException if the program ends before it gets here, since it does not do the same
     *     each time
     */
    void runAndCrash(CommandHelper.Builder program, Path... files);

    /**
     * Runs a task in a JVM of its own up to here, where the JVM is killed by SIGKILL, and waits for its end. In the first
     * invocation the task runs to its end, and the JVM exits with 0.
     *
     * <pre>{@code
     * at.runAndCrash(kit.jvm("writer").attach(ring), context -> new Ring(context.segment().buffer()).offer(1));
     * }</pre>
     *
     * <p>Only what the JVM stores while the task runs is counted. What is to be there before, the task itself cannot do:
     * {@link #start} the JVM, have it prepare, and {@link #arm} it.
     *
     * @param jvm from the {@link ShmTestkit} of the same test, not started
     * @param task what it does; what it captures is copied
     * @param files other objects that it may write, as for a command
     * @throws AssertionError the one that ended the task in the first invocation
     * @throws io.github.shmkit.process.RemoteCallException if another exception ended it there, which is the cause
     * @throws io.github.shmkit.ShmException as for a command
     * @throws IllegalStateException as for a command
     * @throws org.opentest4j.TestAbortedException if the task ends before it gets here
     */
    void runAndCrash(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files);

    /**
     * Starts a program that is to be up before its stores count; {@link #arm} it then.
     *
     * @param program from the {@link ShmTestkit} of the same test, not started
     * @param files other objects that it may write, as for {@link #runAndCrash(CommandHelper.Builder, Path...)}
     * @return the program, which runs
     * @throws io.github.shmkit.ShmException if it cannot be traced, with the reason
     * @throws IllegalStateException if the annotation has a script
     */
    CommandHelper start(CommandHelper.Builder program, Path... files);

    /**
     * Starts a JVM that is to be up before its stores count; {@link #arm} it then.
     *
     * @param jvm from the {@link ShmTestkit} of the same test, not started
     * @param files other objects that it may write, as for {@link #runAndCrash(CommandHelper.Builder, Path...)}
     * @return the JVM, which runs
     * @throws io.github.shmkit.ShmException if it cannot be traced, with the reason
     * @throws IllegalStateException if the annotation has a script
     */
    JvmHelper start(JvmHelper.Builder jvm, Path... files);

    /**
     * Counts what a program that is up stores while a request runs, and kills it here. In the first invocation it is not
     * killed.
     *
     * <pre>{@code
     * CommandHelper server = at.start(kit.command("server", "./server", "{path}").attach(ring).readyWhen(line("ready")));
     * at.arm(server, () -> client.put("key", "value"));
     * }</pre>
     *
     * <p>The request asks the program for something by any means and returns when it has been done: a store after that does
     * not count. What the request throws once the program was killed is the consequence of that, and ignored.
     *
     * @param helper what {@link #start} returned
     * @param request asks it for something
     * @throws IllegalArgumentException if the helper was not started so
     * @throws io.github.shmkit.ShmException if the program has stored nothing in the first invocation
     * @throws IllegalStateException if a program of this invocation was armed before
     * @throws org.opentest4j.TestAbortedException if the request ends before the program gets here
     */
    void arm(Helper helper, Executable request);

    /**
     * Starts programs, and asserts that each of them ends with 0.
     *
     * <pre>{@code
     * at.othersGoOn(kit.command("receiver", "./receiver", "{path}").attach(queue));
     * }</pre>
     *
     * <p>If they cannot, that is told at once: when each of their threads, and each of all other processes that have mapped
     * the word, waits without a limit on the time in futex(2), for the lock of a file, at a semaphore or for a child. The
     * message tells the word, the function, and which traced helper wrote the word last. Threads of this JVM do not count,
     * since the test waits. A program that hangs in another way, in a loop for example, is told after 10 s, times {@code
     * shmkit.timeout.factor}.
     *
     * @param programs from the {@link ShmTestkit} of the same test, not started
     * @throws AssertionError if one does not end with 0; those that have not ended are killed
     */
    void othersGoOn(CommandHelper.Builder... programs);

    /**
     * Asserts that helpers go on: a program ends with 0, a JVM does all tasks that were submitted to it.
     *
     * @param helpers which run
     * @throws AssertionError as for programs
     */
    void othersGoOn(Helper... helpers);

    /**
     * Starts a JVM, and asserts that it does a task.
     *
     * @param jvm from the {@link ShmTestkit} of the same test, not started
     * @param task what it does; what it captures is copied
     * @param <T> what comes back
     * @return the result
     * @throws AssertionError as for programs, or the one that ended the task
     * @throws io.github.shmkit.process.RemoteCallException if another exception ended it, which is the cause
     */
    <T extends @Nullable Object> T othersGoOn(JvmHelper.Builder jvm, RemoteCallable<T> task);
}
