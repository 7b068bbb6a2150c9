package io.github.shmkit.process;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.Signal;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Another process that takes part in a test.
 *
 * <p>A helper that ends by a signal or with an exit code other than 0 fails the test, unless {@link #expectExit} declared
 * it or the test itself ended it by {@link #kill} or {@link #signal}.
 *
 * @since 0.1.0
 */
public interface Helper extends AutoCloseable {
    /**
     * The name of this helper in reports.
     *
     * @return never empty
     */
    String name();

    /**
     * The process id.
     *
     * @return as this JVM sees it
     */
    long pid();

    /**
     * Whether the process has not ended yet; a stopped one is alive.
     *
     * @return false once its exit is known
     */
    boolean isAlive();

    /**
     * What the process is doing.
     *
     * @return the state at this moment
     */
    HelperState state();

    /**
     * What it wrote to standard output.
     *
     * @return a live view
     */
    Output stdout();

    /**
     * What it wrote to standard error.
     *
     * @return a live view
     */
    Output stderr();

    /**
     * Waits for the end of the process, for {@code shmkit.timeout} at most.
     *
     * @return how it ended
     * @throws ShmTimeoutException if it does not end
     * @throws ShmException if this thread is interrupted; its interrupt status remains set
     */
    Exit awaitExit();

    /**
     * Waits for the end of the process.
     *
     * @param max how long at most
     * @return how it ended
     * @throws ShmTimeoutException if it does not end
     * @throws ShmException if this thread is interrupted; its interrupt status remains set
     */
    Exit awaitExit(Duration max);

    /**
     * Declares how the process is to end. If it does not end so before the test does, the test fails.
     *
     * @param expected true for the exits that are meant; one of {@link ExitPredicate} describes itself in reports
     * @return this
     */
    Helper expectExit(Predicate<? super Exit> expected);

    /**
     * Sends SIGKILL to the process and all that it started, and waits for its end.
     *
     * @return how it ended: it may have been faster
     */
    Exit kill();

    /**
     * Suspends the process by SIGSTOP, and waits until it is suspended.
     *
     * @throws ShmTimeoutException if it is not suspended within {@code shmkit.timeout}
     */
    void suspend();

    /**
     * Resumes a suspended process by SIGCONT, and waits until it runs.
     *
     * @throws ShmTimeoutException if it does not run within {@code shmkit.timeout}
     */
    void resume();

    /**
     * Sends a signal and returns at once, see kill(2).
     *
     * @param signal which
     */
    void signal(Signal signal);

    /**
     * Waits until the process is in a state, for {@code shmkit.timeout} at most.
     *
     * @param state which
     * @throws ShmTimeoutException if it does not come
     * @throws ShmException if the process ends, or this thread is interrupted; its interrupt status remains set
     */
    void awaitState(HelperState state);

    /**
     * Waits until the process is in a state.
     *
     * @param state which
     * @param max how long at most
     * @throws ShmTimeoutException if it does not come
     * @throws ShmException if the process ends, or this thread is interrupted; its interrupt status remains set
     */
    void awaitState(HelperState state, Duration max);

    /**
     * Waits until a thread of the process sleeps in futex(2) at a place in a segment, for {@code shmkit.timeout} at
     * most: in a mutex, a condition or a semaphore that is there, for example.
     *
     * @param segment one that the process has mapped
     * @param offset of the futex word, in bytes
     * @throws ShmTimeoutException if that does not come
     * @throws ShmException if the process ends, this user may not see it, or the thread is interrupted, in which case its
     *     interrupt status remains set
     */
    void awaitBlockedOn(Segment segment, long offset);

    /**
     * Waits until a thread of the process sleeps in futex(2) at a place in a segment.
     *
     * @param segment one that the process has mapped
     * @param offset of the futex word, in bytes
     * @param max how long at most
     * @throws ShmTimeoutException if that does not come
     * @throws ShmException if the process ends, this user may not see it, or the thread is interrupted, in which case its
     *     interrupt status remains set
     */
    void awaitBlockedOn(Segment segment, long offset, Duration max);

    /** Ends the process, however it is, and waits for its end; harmless if it has ended. */
    @Override
    void close();
}
