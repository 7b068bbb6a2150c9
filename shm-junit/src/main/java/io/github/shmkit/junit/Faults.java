package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.NativeHelper;
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
     * @return what lets it go when it is closed
     */
    Fault freeze(Helper helper, Duration time);

    /**
     * Lets a helper run for a part of the time only, in turns of some milliseconds.
     *
     * @param helper which
     * @param factor how many times slower it becomes, 2 to 1000
     * @return what ends it when it is closed
     */
    Fault slow(Helper helper, int factor);

    /**
     * Takes all that there is of something, so that the helper gets none of it.
     *
     * <pre>{@code
     * NativeHelper helper = kit.nativeHelper("poor").isolated().start();
     * kit.faults().exhaust(helper, Faults.Resource.SEGMENT_IDS);
     * assertThat(helper.sys().shmget(Linux.IPC_PRIVATE, 1, 0600).errno()).isEqualTo("ENOSPC");
     * }</pre>
     *
     * <p>Of what other processes of this machine share, nothing is ever taken: the helper must be in namespaces of its own.
     *
     * @param helper which
     * @param resource of what
     * @return what gives it back when it is closed
     * @throws IllegalArgumentException if others than the helper would run out too; the message says what to do first
     */
    Fault exhaust(NativeHelper helper, Resource resource);

    /**
     * What a helper can run out of.
     *
     * @since 0.1.0
     */
    enum Resource {
        /** Ids of System V segments (kernel.shmmni): shmget(2) fails with ENOSPC. In an IPC namespace of its own. */
        SEGMENT_IDS,
        /** System V semaphores (kernel.sem): semget(2) fails with ENOSPC. In an IPC namespace of its own. */
        SEMAPHORE_IDS,
        /** Ids of System V message queues (kernel.msgmni): msgget(2) fails with ENOSPC. In an IPC namespace of its own. */
        QUEUE_IDS,
        /** Space in /dev/shm: posix_fallocate(3) fails with ENOSPC. With a /dev/shm of its own. */
        SHM_SPACE,
        /** Descriptors (RLIMIT_NOFILE): open(2) fails with EMFILE. */
        DESCRIPTORS
    }

    /**
     * A fault that lasts; it ends with the test at the latest.
     *
     * @since 0.1.0
     */
    interface Fault extends AutoCloseable {
        /** Ends it; harmless if it has ended. */
        @Override
        void close();
    }
}
