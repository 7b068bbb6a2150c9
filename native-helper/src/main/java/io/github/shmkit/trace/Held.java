package io.github.shmkit.trace;

import io.github.shmkit.process.Helper;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A real program that is held before each of its accesses to shared memory, loads included, until the test lets it make
 * the access.
 *
 * <pre>{@code
 * try (Held writer = kit.hold(kit.command("writer", "./writer", "{path}").attach(box))) {
 *     writer.stepUntil(store(8));                        // it is about to write the length
 *     assertThat(new Mailbox(box.buffer()).read()).isEmpty();
 * }                                                      // it goes on, and has to end with 0
 * }</pre>
 *
 * <p>Between two accesses nothing that it does can be seen in the segments. Besides instructions, these system calls are
 * accesses: those that read or write a segment, futex(2) on a word of it, locks of files, semop(2), message queues,
 * sched_yield(2), and those that cut or remove the segment.
 *
 * <p>What it shares by other means, pipes for example, goes on while it is held only if another of its threads does it. Its
 * deadlines pass.
 *
 * @since 0.1.0
 */
public interface Held extends AutoCloseable {
    /** What a held program does. */
    enum State {
        /** It waits before an access. */
        HELD,
        /** It waits in a system call for somebody else: for a lock, a semaphore, a message or a futex. */
        BLOCKED,
        /** It makes no access any more: the program has ended, or the task has. */
        ENDED,
        /** It is not held any more, see {@link #resume()}. */
        RESUMED
    }

    /**
     * What it does now. A program that was blocked is held again once it was woken. Waits while the program is on its way to
     * its next access.
     *
     * @return the state
     * @throws io.github.shmkit.ShmException if it cannot be traced, with the reason
     * @throws io.github.shmkit.ShmTimeoutException as {@link #step()}
     */
    State state();

    /**
     * The access before which it is held.
     *
     * @return empty if it is not held; of several threads that are, that of the one that {@link #step()} would let go on
     */
    Optional<PendingAccess> next();

    /**
     * The access that it made last.
     *
     * @return empty if it made none
     */
    Optional<Access> last();

    /**
     * The accesses that it made until now.
     *
     * @return first to last
     */
    List<Access> accesses();

    /**
     * Lets it make one access, and waits until it is held again, blocked or ended.
     *
     * @return what it does then
     * @throws IllegalStateException if it is not held
     * @throws io.github.shmkit.ShmTimeoutException if nothing of that comes about in {@code shmkit.timeout}
     */
    State step();

    /**
     * Lets it make so many accesses, or fewer if it ends or is blocked before.
     *
     * @param accesses at least 0
     * @return what it does then; {@link State#HELD} only if it has made all of them
     * @throws io.github.shmkit.ShmTimeoutException as {@link #step()}
     */
    State step(int accesses);

    /**
     * Lets it go on until it is about to make a certain access; returns at once if it is already.
     *
     * @param access {@link PendingAccess#store(long)} or {@link PendingAccess#load(long)}, for example
     * @return that access
     * @throws AssertionError if it ends or is blocked before
     * @throws io.github.shmkit.ShmTimeoutException as {@link #step()}
     */
    PendingAccess stepUntil(Predicate<? super PendingAccess> access);

    /** Lets it go on without being held; does not wait. */
    void resume();

    /** Kills it by SIGKILL where it is, and waits for its end. */
    void kill();

    /**
     * The helper.
     *
     * @return the one that is held
     */
    Helper helper();

    /**
     * Lets it go on to its end, and waits for that, unless it was {@linkplain #kill() killed}.
     *
     * @throws AssertionError if it does not end well: a program with code 0, a task without an exception
     */
    @Override
    void close();
}
