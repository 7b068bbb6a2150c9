package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;
import org.hamcrest.Matcher;
import org.hamcrest.Matchers;

/**
 * Waits for a condition, and not longer than it can still become true.
 *
 * <p>Looks at once, then after 0.2 ms and at intervals that double up to 10 ms, in the thread that waits, for at most
 * {@code shmkit.timeout} (30 s) unless {@link #atMost(Duration)} says otherwise; without limit while a debugger is attached, see
 * {@link ShmSettings}. When a helper of the test ends in a way
 * that was not declared, or fails in work that the test does not await, the condition is looked at once more, and if it does
 * not hold, the wait is over. A wait for a value in a segment that a helper attached is over one second after the last
 * helper of the test ended, however that ended, if the value does not change. A wait is over as
 * well when the thread is interrupted, as {@code @Timeout} does. An {@code AssertionFailedError} then tells the last
 * value, and of the helper how it ended and what it wrote to stderr last.
 *
 * <p>A condition that blocks cannot be ended by any of this. Steps are immutable: each returns a new one.
 *
 * @since 0.1.0
 */
public interface ShmAwait {
    /**
     * Sets the longest wait.
     *
     * @param max more than zero
     * @return the next step
     */
    ShmAwait atMost(Duration max);

    /**
     * Sets anything that Awaitility can set.
     *
     * @param settings is given the settings so far
     * @return the next step
     */
    ShmAwait awaitility(UnaryOperator<ConditionFactory> settings);

    /**
     * Waits until 4 bytes hold a value, read with sequentially consistent order.
     *
     * @param segment where
     * @param offset a multiple of 4
     * @param matcher what value
     * @throws org.opentest4j.AssertionFailedError if they do not get to hold it
     */
    void untilInt(Segment segment, long offset, Matcher<? super Integer> matcher);

    /**
     * Waits until 4 bytes hold a number, read with sequentially consistent order.
     *
     * @param segment where
     * @param offset a multiple of 4
     * @param value the number
     * @throws org.opentest4j.AssertionFailedError if they do not get to hold it
     */
    default void untilInt(Segment segment, long offset, int value) {
        untilInt(segment, offset, Matchers.equalTo(value));
    }

    /**
     * Waits until 8 bytes hold a number, read with sequentially consistent order.
     *
     * @param segment where
     * @param offset a multiple of 8
     * @param value the number
     * @throws org.opentest4j.AssertionFailedError if they do not get to hold it
     */
    default void untilLong(Segment segment, long offset, long value) {
        untilLong(segment, offset, Matchers.equalTo(value));
    }

    /**
     * Waits until 8 bytes hold a value, read with sequentially consistent order.
     *
     * @param segment where
     * @param offset a multiple of 8
     * @param matcher what value
     * @throws org.opentest4j.AssertionFailedError if they do not get to hold it
     */
    void untilLong(Segment segment, long offset, Matcher<? super Long> matcher);

    /**
     * Waits until a condition holds; what it throws ends the wait.
     *
     * @param condition is called again and again
     * @throws org.opentest4j.AssertionFailedError if it does not get to hold
     */
    void until(Callable<Boolean> condition);

    /**
     * Waits until an assertion passes; what it throws other than an {@link AssertionError} ends the wait.
     *
     * @param assertion is called again and again
     * @throws org.opentest4j.AssertionFailedError if it does not get to pass, with the last failure's message
     */
    void untilAsserted(ThrowingRunnable assertion);
}
