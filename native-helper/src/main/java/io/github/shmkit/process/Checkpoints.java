package io.github.shmkit.process;

import io.github.shmkit.Party;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import java.time.Duration;
import java.util.Arrays;

/**
 * Points that the test and its helpers reach and wait for, whatever language they are written in.
 *
 * <p>A checkpoint is a name of 1 to 47 bytes of UTF-8. It has a count of how often any process reached it, which never
 * goes down: a wait also sees what was reached before it began. One test has at most 128 names; each party of a barrier
 * takes one.
 *
 * <p>The parties of a barrier are helpers, by their names, {@link Party#TEST} for the test itself, and {@link Party#SELF} for
 * whoever calls.
 *
 * @since 0.1.0
 */
public interface Checkpoints {
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
     * Waits until a checkpoint was reached at least once, for {@code shmkit.timeout} at most.
     *
     * @param name which
     * @throws HelperDiedException at once when all helpers of this test are dead and it was not reached; the message says
     *     who reached what, and when
     * @throws ShmTimeoutException if that does not come
     * @throws ShmException if this thread is interrupted; its interrupt status remains set
     */
    default void await(String name) {
        await(name, 1);
    }

    /**
     * Waits until a checkpoint was reached so many times, for {@code shmkit.timeout} at most.
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
     * Waits until all parties have come to a barrier, for {@code shmkit.timeout} at most.
     *
     * <p>It may be passed many times: the wait is for each to have come as often as the caller.
     *
     * @param name which
     * @param parties who has to come; the caller must be among them
     * @throws IllegalArgumentException if the caller is not among the parties
     * @throws HelperDiedException at once when a party is dead that has not come, naming it
     * @throws ShmException as {@link #await(String)}
     */
    void barrier(String name, Party... parties);

    /**
     * Waits until some helpers have come to a barrier, for {@code shmkit.timeout} at most: in a helper, which is one of them.
     *
     * @param name which
     * @param helpers their names; the caller must be among them
     * @throws IllegalArgumentException if the caller is not among them
     * @throws HelperDiedException at once when one of them is dead that has not come, naming it
     * @throws ShmException as {@link #await(String)}
     */
    default void barrier(String name, String... helpers) {
        barrier(name, Arrays.stream(helpers).map(Party::helper).toArray(Party[]::new));
    }

    /**
     * Waits until all parties have come to a barrier.
     *
     * @param name which
     * @param max how long at most
     * @param parties who has to come; the caller must be among them
     * @throws IllegalArgumentException if the caller is not among the parties
     * @throws HelperDiedException at once when a party is dead that has not come, naming it
     * @throws ShmException as {@link #await(String)}
     */
    void barrier(String name, Duration max, Party... parties);
}
