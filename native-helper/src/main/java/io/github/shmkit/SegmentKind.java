package io.github.shmkit;

/**
 * The ways in which Linux lets processes share memory.
 *
 * @since 0.1.0
 */
public enum SegmentKind {
    /** A file mapped with {@code MAP_SHARED}, see mmap(2). */
    MMAP_FILE,
    /** An anonymous file that lives as long as somebody has it open or mapped, see memfd_create(2). */
    MEMFD,
    /** A POSIX shared memory object, see shm_overview(7). */
    POSIX_SHM,
    /** A System V shared memory segment, see svipc(7). */
    SYSV_SHM
}
