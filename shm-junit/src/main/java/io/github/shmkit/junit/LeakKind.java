package io.github.shmkit.junit;

/**
 * What a test can leave, or do to its own objects.
 *
 * @since 0.1.0
 */
public enum LeakKind {
    /** A System V segment. */
    SYSV_SHM,
    /** A System V semaphore set. */
    SYSV_SEM,
    /** A System V message queue. */
    SYSV_MSG,
    /** A POSIX shared memory object. */
    POSIX_SHM,
    /** A POSIX named semaphore. */
    POSIX_SEM,
    /** A POSIX message queue. */
    POSIX_MQ,
    /** A mapped file. */
    MMAP_FILE,
    /** A mapping of a segment that is gone. */
    MAPPING,
    /** An open descriptor of a segment that is gone. */
    DESCRIPTOR,
    /** A process. */
    PROCESS,
    /** A segment of the test that was unlinked, replaced, resized or removed, and not by {@link Faults}. */
    CHANGED
}
