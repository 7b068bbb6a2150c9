package io.github.shmkit.internal.os;

/** What statfs(2) tells of a file system; sizes in bytes. */
public record FileSystem(long type, long size, long available) {
    private static final long TMPFS_MAGIC = 0x01021994;

    public boolean isTmpfs() {
        return type == TMPFS_MAGIC;
    }
}
