package io.github.shmkit.junit;

import io.github.shmkit.Helper;
import io.github.shmkit.Segment;
import java.time.Duration;

/**
 * Does to segments and helpers what goes wrong in real life.
 *
 * @since 0.1.0
 */
public interface Faults {
    /**
     * Cuts a segment's object off, or makes it longer, under all mappings.
     *
     * <p>An access past the new end is SIGBUS for a native program, and {@link InternalError} in a JVM, which may come
     * late: see {@link Segment}. Let a helper be the one that reads there.
     *
     * @param segment any but a System V segment, which cannot be truncated
     * @param size bytes
     */
    void truncate(Segment segment, long size);

    /**
     * Flips one bit, as bad memory does.
     *
     * @param segment where
     * @param offset the byte
     * @param bit 0 for the lowest, to 7
     */
    void flipBit(Segment segment, long offset, int bit);

    /**
     * Takes the object's name away, while all mappings go on.
     *
     * @param segment any but a memfd, which has no name
     */
    void unlink(Segment segment);

    /**
     * Stops a helper for a while; returns once it is stopped.
     *
     * @param helper which
     * @param time after which it goes on, unless it is let go before
     * @return what lets it go
     */
    Fault freeze(Helper helper, Duration time);

    /**
     * Lets a helper run for a part of the time only, in turns of some milliseconds.
     *
     * @param helper which
     * @param factor how many times slower it becomes, 2 to 1000
     * @return what ends it
     */
    Fault slow(Helper helper, int factor);

    /**
     * A fault that lasts; it ends with the test at the latest.
     *
     * @since 0.1.0
     */
    interface Fault {
        /** Ends it; harmless if it has ended. */
        void end();
    }
}
