package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Our private directory inside /dev/shm, which so lives exactly as long as the objects that it tells of.
 *
 * <p>Everything goes through its descriptor, never twice through a path. Whoever can write to /dev/shm can make a
 * directory of our name first: then the processes of a session meet in another one, and a sweep reads each that is ours.
 */
public final class PrivateDir implements AutoCloseable {
    /** Where POSIX shared memory lives on Linux, see shm_overview(7). */
    public static final String SHM = "/dev/shm";

    private static final int MODE = 0700;
    /** How often others may remove the directory between our making and our opening it. */
    private static final int REMOVALS = 1000;

    private final String path;
    private final int fd;
    private final int shmFd;
    private final long device;

    private PrivateDir(String path, int fd, int shmFd, long device) {
        this.path = path;
        this.fd = fd;
        this.shmFd = shmFd;
        this.device = device;
    }

    /** Opens the one that is for the session, and makes it if need be. */
    public static PrivateDir openOrCreate(SessionId session) {
        int shmFd = openShm();
        try {
            for (String name : OwnNames.privateDirs(Integer.toUnsignedLong(Os.euid()), session)) {
                PrivateDir dir = openOrCreate(shmFd, name);
                if (dir != null) {
                    return dir;
                }
            }
            throw new ShmException(
                    "cannot make a private directory in " + SHM + ": every name that was tried is taken");
        } catch (RuntimeException e) {
            Os.close(shmFd);
            throw e;
        }
    }

    /**
     * Opens ours, makes it if need be, and does what puts a first file into it; all of it again where somebody who ended
     * took the empty directory away in between.
     *
     * @param purpose "begin a session", say
     * @throws ShmException where that is not possible, with the reason and the remedy
     */
    public static <T> T enter(String purpose, SessionId session, Function<PrivateDir, T> step) {
        for (int attempt = 1; ; attempt++) {
            PrivateDir dir = openOrCreate(session);
            try {
                return step.apply(dir);
            } catch (OsException e) {
                dir.close();
                if (!e.is(Errno.ENOENT) || attempt == REMOVALS) {
                    throw new ShmException(
                            "cannot " + purpose + " in " + dir.path() + ": " + e.getMessage()
                                    + "; /dev/shm must be writable and not be full (`df /dev/shm`)",
                            e);
                }
            } catch (RuntimeException | Error e) {
                dir.close();
                throw e;
            }
        }
    }

    /** Makes a file and locks it: its descriptor, or -1 if the name is another's. */
    public int takeLock(String name) {
        int lock;
        try {
            lock = Os.openat(fd, name, Os.O_RDWR | Os.O_CREAT | Os.O_EXCL | Os.O_NOFOLLOW, 0600);
        } catch (OsException e) {
            if (e.is(Errno.EEXIST)) {
                return -1;
            }
            throw e;
        }
        boolean ours = false;
        try {
            // A sweep that saw the file before we have the lock takes it for dead, and away: then its name is not ours.
            ours = Os.tryLock(lock) && Os.fstat(lock).links() > 0;
            return ours ? lock : -1;
        } finally {
            if (!ours) {
                Os.close(lock);
            }
        }
    }

    private static int openShm() {
        try {
            return Os.open(SHM, Os.O_RDONLY | Os.O_DIRECTORY, 0);
        } catch (OsException e) {
            throw new ShmException(
                    "cannot use " + SHM + ": " + e.getMessage() + "; mount a tmpfs there (mount -t tmpfs tmpfs " + SHM
                            + "), or start the container with one",
                    e);
        }
    }

    /** Null when the name is taken by what is not ours alone. */
    private static @Nullable PrivateDir openOrCreate(int shmFd, String name) {
        for (int attempt = 0; attempt < REMOVALS; attempt++) {
            make(shmFd, name);
            try {
                return open(shmFd, name);
            } catch (OsException e) {
                // One that just went with its last session is to be made again: forks of a session are numbered in one.
                if (!e.is(Errno.ENOENT)) {
                    return null; // a link, a file, or another user's
                }
            }
        }
        return null;
    }

    private static void make(int shmFd, String name) {
        try {
            Os.mkdirat(shmFd, name, MODE);
        } catch (OsException e) {
            if (!e.is(Errno.EEXIST)) {
                throw new ShmException(
                        "cannot make " + SHM + "/" + name + ": " + e.getMessage() + "; " + SHM
                                + " must be writable for this user",
                        e);
            }
        }
    }

    /** Opens one that is there; null when it is not, or not ours alone. The descriptor of /dev/shm passes to the result. */
    static @Nullable PrivateDir openExisting(int shmFd, String name) {
        try {
            return open(shmFd, name);
        } catch (OsException e) {
            return null; // a link, a file, another user's, or just gone
        }
    }

    private static @Nullable PrivateDir open(int shmFd, String name) {
        int fd = Os.openat(shmFd, name, Os.O_RDONLY | Os.O_DIRECTORY | Os.O_NOFOLLOW, 0);
        boolean ours = false;
        try {
            FileStatus status = Os.fstat(fd);
            long device = Os.fstat(shmFd).device();
            ours = status.uid() == Os.euid() && status.permissions() == MODE && status.device() == device;
            return ours ? new PrivateDir(SHM + "/" + name, fd, shmFd, device) : null;
        } finally {
            if (!ours) {
                Os.close(fd);
            }
        }
    }

    /** All that are ours; a squatted name leads to several. */
    public static List<PrivateDir> openAll() {
        List<PrivateDir> all = new ArrayList<>();
        int shmFd = openShm();
        long euid = Integer.toUnsignedLong(Os.euid());
        try {
            for (byte[] bytes : Os.list(shmFd, OwnNames.PRIVATE + euid)) {
                String name = new String(bytes, StandardCharsets.ISO_8859_1);
                if (OwnNames.isPrivateDir(name, euid)) {
                    int own = openShm();
                    PrivateDir dir = openExisting(own, name);
                    if (dir == null) {
                        Os.close(own);
                    } else {
                        all.add(dir);
                    }
                }
            }
        } finally {
            Os.close(shmFd);
        }
        return all;
    }

    /** The names in it, with what stands before the last dot: "session.fork" for a test JVM's, "session" for a build's. */
    public Set<String> stems() {
        Set<String> stems = new TreeSet<>();
        for (byte[] bytes : Os.list(fd)) {
            String name = new String(bytes, StandardCharsets.ISO_8859_1);
            int dot = name.lastIndexOf('.');
            if (dot >= SessionId.LENGTH && SessionId.isValid(name.substring(0, SessionId.LENGTH))) {
                stems.add(name.substring(0, dot));
            }
        }
        return stems;
    }

    /** Takes the directory away if nothing is in it. */
    public void removeIfEmpty() {
        Os.rmdirIfEmpty(path);
    }

    /** Absolute. */
    public String path() {
        return path;
    }

    public int fd() {
        return fd;
    }

    /** The descriptor of /dev/shm itself. */
    public int shmFd() {
        return shmFd;
    }

    /** The device number of /dev/shm. */
    public long device() {
        return device;
    }

    @Override
    public void close() {
        Os.close(fd);
        Os.close(shmFd);
    }
}
