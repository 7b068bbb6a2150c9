package io.github.shmkit.process;

import io.github.shmkit.ShmException;
import java.time.Duration;

/**
 * Points that the test and its helpers reach and wait for, whatever language they are written in.
 *
 * <p>A checkpoint is a name of 1 to 47 bytes of UTF-8. It has a count of how often any process reached it, which never
 * goes down: a wait also sees what was reached before it began. One test has at most 128 names; each party of a barrier
 * takes one.
 *
 * <p>The names of parties are those of helpers; {@link #TEST} is the test itself, {@link #SELF} whoever calls.
 *
 * @since 0.1.0
 */
public interface Checkpoints {
    /** Among a barrier's parties: the one who calls. */
    String SELF = "";

    /** Among a barrier's parties: the test itself, and all threads of it together. */
    String TEST = "test";

    /**
     * Counts one more arrival at a checkpoint, and wakes who waits for it.
     *
     * @param name which
     * @throws IllegalArgumentException if the name is empty or too long
     * @throws ShmException if this test has too many names already
     */
    void reach(String name);

    /**
     * How often a checkpoint was reached.
     *
     * @param name which
     * @return 0 if nobody reached it yet
     */
    int count(String name);

    /**
     * Waits until a checkpoint was reached at least once, 30 s at most.
     *
     * @param name which
     * @throws HelperDiedException at once when all helpers of this test are dead and it was not reached; the message says
     *     who reached what, and when
     * @throws ShmException if the time is over, or this thread is interrupted; it stays so
     */
    default void await(String name) {
        await(name, 1);
    }

    /**
     * Waits until a checkpoint was reached so many times, 30 s at most.
     *
     * @param name which
     * @param count since the test began, by whomever
     * @throws HelperDiedException as {@link #await(String)}
     * @throws ShmException as {@link #await(String)}
     */
    void await(String name, int count);

    /**
     * Waits until a checkpoint was reached so many times.
     *
     * @param name which
     * @param count since the test began, by whomever
     * @param max how long at most
     * @throws HelperDiedException as {@link #await(String)}
     * @throws ShmException as {@link #await(String)}
     */
    void await(String name, int count, Duration max);

    /**
     * Waits until all parties have come to a barrier, 30 s at most.
     *
     * <p>It may be passed many times: the wait is for each to have come as often as the caller.
     *
     * @param name which
     * @param parties the names of helpers, {@link #TEST} or {@link #SELF}; the caller must be among them
     * @throws IllegalArgumentException if the caller is not among the parties
     * @throws HelperDiedException at once when a party is dead that has not come, naming it
     * @throws ShmException as {@link #await(String)}
     */
    void barrier(String name, String... parties);
}
