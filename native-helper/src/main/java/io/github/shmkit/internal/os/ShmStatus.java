package io.github.shmkit.internal.os;

/** What shmctl(2) IPC_STAT tells of a System V segment; times in seconds since the epoch. */
public record ShmStatus(
        int key,
        long uid,
        long creatorUid,
        int mode,
        long size,
        long atimeSeconds,
        long dtimeSeconds,
        long ctimeSeconds,
        int creatorPid,
        int lastPid,
        long attaches) {}
