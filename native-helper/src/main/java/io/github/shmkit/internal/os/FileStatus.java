package io.github.shmkit.internal.os;

/**
 * What statx(2) tells of a file.
 *
 * @param btimeNanos birth time, nanoseconds since the epoch; 0 where the file system keeps none
 */
public record FileStatus(
        long device,
        long inode,
        int mode,
        long links,
        long uid,
        long gid,
        long size,
        long blocks,
        long atimeNanos,
        long btimeNanos,
        long ctimeNanos,
        long mtimeNanos) {
    private static final int S_IFMT = 0170000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFDIR = 0040000;

    public boolean isRegular() {
        return (mode & S_IFMT) == S_IFREG;
    }

    public boolean isDirectory() {
        return (mode & S_IFMT) == S_IFDIR;
    }

    public int permissions() {
        return mode & 07777;
    }

    /** Whether both describe one and the same file, at whatever time. */
    public boolean sameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }
}
