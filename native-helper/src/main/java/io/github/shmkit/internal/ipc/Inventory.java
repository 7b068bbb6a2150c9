package io.github.shmkit.internal.ipc;

import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.RawName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What exists right now.
 *
 * @param objects those that were found
 * @param unlisted kinds that could not be listed: their absence from the list proves nothing
 * @param gaps why not
 */
public record Inventory(List<IpcObject> objects, Set<IpcKind> unlisted, List<String> gaps) {
    /** Before the name of a semaphore where its file is, see sem_overview(7). */
    public static final String SEMAPHORE_PREFIX = "sem.";
    /** The unit of what stat(2) calls blocks, on every file system. */
    private static final int BLOCK = 512;

    private static final String QUEUES = "/dev/mqueue";
    private static final long MQUEUE_MAGIC = 0x19800202;
    /** Of shmkit's private directories, which are nobody's objects. */
    private static final String PRIVATE_PREFIX = ".shmkit-";

    private static final int DEPTH_MAX = 32;
    private static final Path SYSVIPC = Path.of("/proc/sysvipc");

    /** Lists all objects of these kinds; those that vanish meanwhile are left out. */
    public static Inventory scan(Set<IpcKind> kinds) {
        List<IpcObject> objects = new ArrayList<>();
        List<String> gaps = new ArrayList<>();
        Set<IpcKind> unlisted = EnumSet.noneOf(IpcKind.class);
        for (IpcKind kind : List.of(IpcKind.SYSV_SHM, IpcKind.SYSV_SEM, IpcKind.SYSV_MSG)) {
            if (kinds.contains(kind)) {
                addIf(!readSysv(kind, objects, gaps), unlisted, kind);
            }
        }
        if (kinds.contains(IpcKind.POSIX_SHM) || kinds.contains(IpcKind.POSIX_SEM)) {
            boolean listed = listFiles("/dev/shm", false, kinds, objects, gaps);
            addIf(!listed, unlisted, IpcKind.POSIX_SHM, IpcKind.POSIX_SEM);
        }
        if (kinds.contains(IpcKind.POSIX_MQ)) {
            addIf(!listQueues(kinds, objects, gaps), unlisted, IpcKind.POSIX_MQ);
        }
        return new Inventory(objects, unlisted, gaps);
    }

    /** The same, and the files in declared directories. */
    public static Inventory scan(Set<IpcKind> kinds, DeclaredDirectories directories) {
        Inventory inventory = scan(kinds);
        if (!directories.patterns().isEmpty() && kinds.contains(IpcKind.MMAP_FILE)) {
            directories.scan(inventory.objects()::add, inventory.gaps()::add);
        }
        return inventory;
    }

    /**
     * Whether there may be a System V segment in this IPC namespace, whoever's it is: where there is none, as on most
     * machines, the kernel says so faster than it lists them.
     */
    public static boolean mayHaveSysvShm() {
        return Os.shmCount() != 0;
    }

    private static void addIf(boolean condition, Set<IpcKind> to, IpcKind... kinds) {
        if (condition) {
            to.addAll(List.of(kinds));
        }
    }

    // --- files ---

    /** Whether it could. */
    private static boolean listQueues(Set<IpcKind> kinds, List<IpcObject> objects, List<String> gaps) {
        if (areQueuesMounted()) {
            return listFiles(QUEUES, true, kinds, objects, gaps);
        }
        boolean[] listed = new boolean[1];
        Optional<String> refused =
                HiddenQueues.show(directory -> listed[0] = listFiles(directory, true, kinds, objects, gaps));
        refused.ifPresent(why -> gaps.add("message queues cannot be listed: nothing is mounted at " + QUEUES
                + ", and only root can look without (" + why + ")"));
        return listed[0];
    }

    private static boolean areQueuesMounted() {
        try {
            return Os.statfs(QUEUES).type() == MQUEUE_MAGIC;
        } catch (OsException e) {
            return false; // there is no such directory
        }
    }

    /** Whether it could. */
    private static boolean listFiles(
            String path, boolean queues, Set<IpcKind> kinds, List<IpcObject> objects, List<String> gaps) {
        int dir = -1;
        try {
            dir = Os.open(path, Os.O_RDONLY | Os.O_DIRECTORY, 0);
            List<String> closed = new ArrayList<>();
            for (byte[] bytes : Os.list(dir)) {
                RawName name = RawName.of(bytes);
                IpcKind kind = queues
                        ? IpcKind.POSIX_MQ
                        : name.startsWith(SEMAPHORE_PREFIX) ? IpcKind.POSIX_SEM : IpcKind.POSIX_SHM;
                Optional<FileStatus> directory = addFile(kind, dir, name, kinds, objects, closed);
                if (directory.isPresent() && kinds.contains(IpcKind.DIRECTORY) && !name.startsWith(PRIVATE_PREFIX)) {
                    addDirectory(dir, name, name, directory.get(), kinds, objects, 0);
                }
            }
            if (!closed.isEmpty()) {
                gaps.add(closed.size() + " of the names in " + path + " cannot be looked at, the first: "
                        + closed.get(0));
            }
            return true;
        } catch (OsException e) {
            gaps.add(
                    queues
                            ? "message queues cannot be listed: " + e.getMessage()
                            : path + " cannot be listed: " + e.getMessage());
            return false;
        } finally {
            if (dir >= 0) {
                Os.close(dir);
            }
        }
    }

    /** What another user has mounted on a directory, by FUSE, even root may not look at; it hides no object of ours. */
    private static Optional<FileStatus> addFile(
            IpcKind kind, int dir, RawName name, Set<IpcKind> kinds, List<IpcObject> objects, List<String> closed) {
        try {
            Optional<FileStatus> status = Os.lstatat(dir, name.bytes());
            if (kinds.contains(kind)) {
                status.filter(found -> !found.isDirectory()).ifPresent(found -> objects.add(ofFile(kind, name, found)));
            }
            return status.filter(FileStatus::isDirectory);
        } catch (OsException e) {
            closed.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /**
     * A directory below /dev/shm, and before it all that is in it. What another user does not let us list is his alone.
     *
     * @param path of it below /dev/shm
     */
    private static void addDirectory(
            int parent,
            RawName name,
            RawName path,
            FileStatus seen,
            Set<IpcKind> kinds,
            List<IpcObject> objects,
            int depth) {
        long entries = 0;
        int dir = -1;
        try {
            dir = Os.openat(parent, name.bytes(), Os.O_RDONLY | Os.O_DIRECTORY | Os.O_NOFOLLOW);
            FileStatus opened = Os.fstat(dir);
            if (!opened.sameFile(seen) || depth == DEPTH_MAX) {
                return; // another file system is mounted there, or it is deeper than anybody's
            }
            for (byte[] bytes : Os.list(dir)) {
                entries++;
                RawName entry = RawName.of(bytes);
                RawName below = entry.below(path);
                Optional<FileStatus> status = Os.lstatat(dir, bytes);
                if (status.isPresent() && status.get().isDirectory()) {
                    addDirectory(dir, entry, below, status.get(), kinds, objects, depth + 1);
                } else if (status.isPresent() && kinds.contains(IpcKind.POSIX_SHM)) {
                    objects.add(ofFile(IpcKind.POSIX_SHM, below, status.get()));
                }
            }
        } catch (OsException e) {
            // It is another user's, or was removed meanwhile.
        } finally {
            if (dir >= 0) {
                Os.close(dir);
            }
        }
        objects.add(ofDirectory(path, seen, entries));
    }

    /** Without the time of access, which moves as we list it. */
    private static IpcObject ofDirectory(RawName path, FileStatus status, long entries) {
        long latest = Math.max(status.mtimeNanos(), Math.max(status.ctimeNanos(), status.btimeNanos()));
        return new IpcObject(
                IpcKind.DIRECTORY,
                path,
                new Identity.OfFile(status.device(), status.inode(), status.btimeNanos()),
                entries,
                status.uid(),
                status.permissions(),
                latest / 1_000_000_000L,
                0,
                0,
                -1,
                true,
                0);
    }

    /** A mapped file by its absolute path; empty when there is none. */
    public static Optional<IpcObject> mappedFile(RawName path) {
        try {
            return Os.lstatat(Os.AT_FDCWD, path.bytes()).map(status -> ofFile(IpcKind.MMAP_FILE, path, status));
        } catch (OsException e) {
            if (e.is(Errno.ENOTDIR)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A file in an open directory; empty when there is none. */
    public static Optional<IpcObject> file(IpcKind kind, int dir, RawName name) {
        return Os.lstatat(dir, name.bytes()).map(status -> ofFile(kind, name, status));
    }

    /** A System V segment; empty when there is none with this id. */
    public static Optional<IpcObject> sysvShm(int id) {
        return Os.shmStat(id)
                .map(s -> new IpcObject(
                        IpcKind.SYSV_SHM,
                        RawName.EMPTY,
                        new Identity.OfSysv(id, s.key(), s.creatorUid(), s.ctimeSeconds()),
                        s.size(),
                        s.uid(),
                        s.mode(),
                        Math.max(s.ctimeSeconds(), Math.max(s.atimeSeconds(), s.dtimeSeconds())),
                        s.creatorPid(),
                        s.lastPid(),
                        s.attaches(),
                        true));
    }

    static IpcObject ofFile(IpcKind kind, RawName name, FileStatus status) {
        long latest = Math.max(
                Math.max(status.atimeNanos(), status.mtimeNanos()), Math.max(status.ctimeNanos(), status.btimeNanos()));
        return new IpcObject(
                kind,
                name,
                new Identity.OfFile(status.device(), status.inode(), status.btimeNanos()),
                status.size(),
                status.uid(),
                status.permissions(),
                latest / 1_000_000_000L,
                0,
                0,
                -1,
                status.isRegular() && status.links() == 1,
                kind == IpcKind.POSIX_MQ ? status.size() : status.blocks() * BLOCK);
    }

    // --- System V ---

    /** Whether it could. */
    private static boolean readSysv(IpcKind kind, List<IpcObject> objects, List<String> gaps) {
        String file = switch (kind) {
            case SYSV_SHM -> "shm";
            case SYSV_SEM -> "sem";
            default -> "msg";
        };
        try {
            List<String> rows = Files.readAllLines(SYSVIPC.resolve(file), StandardCharsets.US_ASCII);
            for (String row : rows.subList(1, rows.size())) {
                objects.add(sysv(kind, row));
            }
            return true;
        } catch (NoSuchFileException e) {
            gaps.add("System V objects cannot be listed: this kernel has no " + e.getFile());
            return false;
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            gaps.add("/proc/sysvipc/" + file + " cannot be read: " + e.getMessage());
            return false;
        }
    }

    /** One row; kernels may append columns, the first ones have never changed (proc(5)). */
    static IpcObject sysv(IpcKind kind, String row) {
        String[] f = row.trim().split("\\s+", -1);
        return switch (kind) {
            // key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime …
            case SYSV_SHM -> row(kind, f, 3, 9, 7, 13, List.of(11, 12, 13), 4, 5, 6);
            // key semid perms nsems uid gid cuid cgid otime ctime
            case SYSV_SEM -> row(kind, f, 3, 6, 4, 9, List.of(8, 9), -1, -1, -1);
            // key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime ctime
            default -> row(kind, f, 3, 9, 7, 13, List.of(11, 12, 13), -1, 5, -1);
        };
    }

    private static IpcObject row(
            IpcKind kind,
            String[] f,
            int size,
            int creatorUid,
            int uid,
            int ctime,
            List<Integer> times,
            int creatorPid,
            int lastPid,
            int attaches) {
        long latest = times.stream().mapToLong(i -> Long.parseLong(f[i])).max().orElse(0);
        return new IpcObject(
                kind,
                RawName.EMPTY,
                new Identity.OfSysv(
                        Integer.parseInt(f[1]),
                        (int) Long.parseLong(f[0]),
                        Long.parseLong(f[creatorUid]),
                        Long.parseLong(f[ctime])),
                Long.parseLong(f[size]),
                Long.parseLong(f[uid]),
                Integer.parseInt(f[2], 8),
                latest,
                creatorPid < 0 ? 0 : Long.parseLong(f[creatorPid]),
                lastPid < 0 ? 0 : Long.parseLong(f[lastPid]),
                attaches < 0 ? -1 : Long.parseLong(f[attaches]),
                true);
    }
}
