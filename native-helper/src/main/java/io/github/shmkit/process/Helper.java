package io.github.shmkit.process;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import java.time.Duration;

/**
 * Another process that takes part in a test.
 *
 * <p>A helper that ends by a signal or with an exit code other than 0 fails the test, unless {@link #expectExit} declared
 * it or the test itself ended it by {@link #kill}, {@link #terminate} or {@link #signal}.
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
     * Waits for the end of the process, 30 s at most.
     *
     * @return how it ended
     * @throws ShmException if it does not end, or this thread is interrupted; it stays so
     */
    Exit awaitExit();

    /**
     * Waits for the end of the process.
     *
     * @param max how long at most
     * @return how it ended
     * @throws ShmException if it does not end, or this thread is interrupted; it stays so
     */
    Exit awaitExit(Duration max);

    /**
     * Declares how the process is to end. If it does not end so before the test does, the test fails.
     *
     * @param expected the way
     * @return this
     */
    Helper expectExit(ExitPredicate expected);

    /**
     * Sends SIGKILL to the process and all that it started, and waits for its end.
     *
     * @return how it ended: it may have been faster
     */
    Exit kill();

    /** Stops the process, and waits until it is stopped. */
    void stop();

    /** Lets a stopped process go on, and waits until it does. */
    void cont();

    /** Sends SIGTERM. */
    void terminate();

    /**
     * Sends a signal.
     *
     * @param signal which
     */
    void signal(Signal signal);

    /**
     * Waits until the process is in a state, 30 s at most.
     *
     * @param state which
     * @throws ShmException if it does not come, or this thread is interrupted; it stays so
     */
    void awaitState(HelperState state);

    /**
     * Waits until a thread of the process sleeps in futex(2) at a place in a segment, 30 s at most: in a mutex, a condition
     * or a semaphore that is there, for example.
     *
     * @param segment one that the process has mapped
     * @param offset of the futex word, in bytes
     * @throws ShmException if that does not come, or this user may not see it, or the thread is interrupted, in which case
     *     its interrupt status remains set
     */
    void awaitBlockedOn(Segment segment, long offset);

    /** Ends the process, however it is, and waits for its end; harmless if it has ended. */
    @Override
    void close();
}
