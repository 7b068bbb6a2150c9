package io.github.shmkit.internal.ipc;

import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.FileSystem;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.RawName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What fills /dev/shm beside the objects in it that an inventory lists.
 *
 * @param size of the file system; 0 for no limit
 * @param used of it
 * @param directories those that hold anything, but our own
 * @param nameless bytes of files whose names were removed, which some process still has open or mapped
 */
public record ShmUsage(long size, long used, List<Directory> directories, long nameless) {
    private static final String SHM = "/dev/shm";
    private static final String OUR_PREFIX = ".shmkit-";
    private static final int BLOCK = 512;
    private static final int DEPTH_MAX = 32;

    /** A directory, with all that is below it. */
    public record Directory(RawName name, long uid, long files, long bytes) {}

    /** Adds up what is below a directory. */
    private static final class Sum {
        private long files;
        private long bytes;

        void add(FileStatus status) {
            files++;
            bytes += status.blocks() * BLOCK;
        }
    }

    /**
     * Looks at all of it that this user may list.
     *
     * @throws OsException if there is no /dev/shm
     */
    public static ShmUsage look() {
        FileSystem fileSystem = Os.statfs(SHM);
        long used = fileSystem.size() - fileSystem.available();
        List<Directory> directories = new ArrayList<>();
        long named = 0;
        int root = Os.open(SHM, Os.O_RDONLY | Os.O_DIRECTORY, 0);
        try {
            for (byte[] name : Os.list(root)) {
                Optional<FileStatus> found = status(root, name);
                if (found.isEmpty()) {
                    continue;
                }
                FileStatus status = found.get();
                if (!status.isDirectory()) {
                    named += status.links() == 0 ? 0 : status.blocks() * BLOCK;
                    continue;
                }
                Sum sum = new Sum();
                add(root, name, status, sum, 0);
                named += sum.bytes;
                RawName directory = RawName.of(name);
                if (sum.files > 0 && !directory.startsWith(OUR_PREFIX)) {
                    directories.add(new Directory(directory, status.uid(), sum.files, sum.bytes));
                }
            }
        } finally {
            Os.close(root);
        }
        return new ShmUsage(fileSystem.size(), used, List.copyOf(directories), Math.max(0, used - named));
    }

    /** Empty where another user has mounted a file system that even root may not look at, too. */
    private static Optional<FileStatus> status(int dir, byte[] name) {
        try {
            return Os.lstatat(dir, name);
        } catch (OsException e) {
            return Optional.empty();
        }
    }

    private static void add(int parent, byte[] name, FileStatus seen, Sum sum, int depth) {
        if (depth > DEPTH_MAX) {
            return;
        }
        int dir;
        try {
            dir = Os.openat(parent, name, Os.O_RDONLY | Os.O_DIRECTORY | Os.O_NOFOLLOW);
        } catch (OsException e) {
            return; // another user's, or just gone
        }
        try {
            if (Os.fstat(dir).device() != seen.device()) {
                return; // another file system is mounted there
            }
            for (byte[] entry : Os.list(dir)) {
                Optional<FileStatus> status = status(dir, entry);
                if (status.isPresent() && status.get().isDirectory()) {
                    add(dir, entry, status.get(), sum, depth + 1);
                } else {
                    status.ifPresent(sum::add);
                }
            }
        } catch (OsException e) {
            // Its last entries went while we looked.
        } finally {
            Os.close(dir);
        }
    }

    /** A file that a process has open or mapped, by its link in /proc; empty if it cannot be looked at, or was closed. */
    public static Optional<IpcObject> held(String link) {
        try {
            return Os.statat(RawName.of(link).bytes())
                    .map(status -> Inventory.ofFile(IpcKind.MEMFD, RawName.EMPTY, status));
        } catch (OsException e) {
            return Optional.empty();
        }
    }
}
