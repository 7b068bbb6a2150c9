package io.github.shmkit.internal.ipc;

/**
 * Every kind of object that outlives its process, and memfds as information; the names stand in the ledger. A directory is
 * one below /dev/shm.
 */
public enum IpcKind {
    SYSV_SHM,
    SYSV_SEM,
    SYSV_MSG,
    POSIX_SHM,
    POSIX_SEM,
    POSIX_MQ,
    MMAP_FILE,
    MEMFD,
    DIRECTORY;

    /** Whether it has an id and a key rather than a name. */
    public boolean isSysv() {
        return this == SYSV_SHM || this == SYSV_SEM || this == SYSV_MSG;
    }

    /** Whether the kernel tells neither who made it nor who uses it: System V semaphore sets and queues. */
    public boolean isUnaccounted() {
        return this == SYSV_SEM || this == SYSV_MSG;
    }
}
