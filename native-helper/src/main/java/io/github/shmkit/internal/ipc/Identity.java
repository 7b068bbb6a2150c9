package io.github.shmkit.internal.ipc;

/** What tells an object from every other one, also from a later one with the same name or id. */
public sealed interface Identity {
    /** A file; the birth time is 0 where the file system keeps none. */
    record OfFile(long device, long inode, long btimeNanos) implements Identity {}

    /** A System V object; the change time is that of its creation or later. */
    record OfSysv(int id, int key, long creatorUid, long ctimeSeconds) implements Identity {}
}
