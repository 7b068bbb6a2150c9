package io.github.shmkit.internal.os;

/** What shmctl(2) IPC_STAT tells of a System V segment. */
public record ShmStatus(int key, long creatorUid, long size, long ctimeSeconds, int creatorPid, long attaches) {}
