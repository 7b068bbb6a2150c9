package io.github.shmkit.internal.ipc;

import io.github.shmkit.internal.os.RawName;

/**
 * An object that exists, as it was when it was looked at.
 *
 * @param name file kinds: the path below its directory, of a mapped file the absolute path; System V: empty
 * @param identity what tells it from every other object
 * @param size bytes; for a semaphore set the number of semaphores, for a queue the bytes in it, for a
 *     directory the number of its entries
 * @param uid owner
 * @param mode permissions, with SHM_DEST and SHM_LOCKED for System V shared memory
 * @param modifiedSeconds the latest of all its times, seconds since the epoch
 * @param creatorPid 0 where the kernel does not tell, or not in this pid namespace
 * @param lastPid likewise, of the last who attached, detached, sent or received
 * @param attaches how many mappings a System V segment has; -1 where the kernel does not tell
 * @param removable whether it is of a form that a cleaner may touch at all: a plain file with one link
 * @param allocated the bytes of memory that a file in memory has, which may be fewer than its size; else its size
 */
public record IpcObject(
        IpcKind kind,
        RawName name,
        Identity identity,
        long size,
        long uid,
        int mode,
        long modifiedSeconds,
        long creatorPid,
        long lastPid,
        long attaches,
        boolean removable,
        long allocated) {
    /** Of which the kernel tells no other size. */
    public IpcObject(
            IpcKind kind,
            RawName name,
            Identity identity,
            long size,
            long uid,
            int mode,
            long modifiedSeconds,
            long creatorPid,
            long lastPid,
            long attaches,
            boolean removable) {
        this(kind, name, identity, size, uid, mode, modifiedSeconds, creatorPid, lastPid, attaches, removable, size);
    }

    private static final int SHM_DEST = 01000;

    /** Whether it is a System V segment that goes with its last detach: no leak, its name is gone already. */
    public boolean isMarkedForDestruction() {
        return kind == IpcKind.SYSV_SHM && (mode & SHM_DEST) != 0;
    }

    /** How a person finds it: the path, or the id and key. */
    public String address() {
        if (identity instanceof Identity.OfSysv sysv) {
            return "id " + sysv.id() + " key 0x" + Integer.toHexString(sysv.key());
        }
        return switch (kind) {
            case POSIX_SHM, POSIX_SEM, DIRECTORY -> "/dev/shm/" + name;
            case POSIX_MQ -> "/dev/mqueue/" + name;
            default -> name.toString();
        };
    }
}
