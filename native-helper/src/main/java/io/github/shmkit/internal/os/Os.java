package io.github.shmkit.internal.os;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/** System calls that throw {@link OsException} instead of returning -1. */
public final class Os {
    /** Of shm-helper's tracer, in trace.h and PROTOCOL.md; the kernel knows no such option. */
    private static final int TRACE_PRCTL = 0x53484d54;

    public static final int O_RDONLY = Constants.O_RDONLY;
    public static final int O_WRONLY = Constants.O_WRONLY;
    public static final int O_RDWR = Constants.O_RDWR;
    public static final int O_CREAT = Constants.O_CREAT;
    public static final int O_EXCL = Constants.O_EXCL;
    public static final int O_APPEND = Constants.O_APPEND;
    public static final int O_DIRECTORY = Constants.O_DIRECTORY;
    public static final int O_NOFOLLOW = Constants.O_NOFOLLOW;
    public static final int O_CLOEXEC = Constants.O_CLOEXEC;
    public static final int AT_FDCWD = Constants.AT_FDCWD;

    private static final int STATX_SIZE = 256;
    private static final int PIECE = 1 << 16;
    private static final int STATFS_SIZE = 120;
    private static final int SHMID_DS_SIZE = 112;

    private static final long PAGE_SIZE = Libc.getpagesize();

    private Os() {}

    // --- files ---

    public static int open(String path, int flags, int mode) {
        return openat(Constants.AT_FDCWD, path, flags, mode);
    }

    public static int openat(int dir, String path, int flags, int mode) {
        return openat(dir, cString(path), flags, mode, path);
    }

    /** A name that need not be valid in any charset. */
    public static int openat(int dir, byte[] name, int flags) {
        return openat(dir, cString(name), flags, 0, new String(name, StandardCharsets.UTF_8));
    }

    private static int openat(int dir, byte[] path, int flags, int mode, String what) {
        int fd;
        do {
            fd = Libc.openat(dir, path, flags | Constants.O_CLOEXEC, mode);
        } while (fd < 0 && Native.getLastError() == Errno.EINTR);
        return check("open", what, fd);
    }

    public static void close(int fd) {
        check("close", "", Libc.close(fd));
    }

    /** Writes all of it by one write(2), so that O_APPEND keeps it in one piece; a short write is an error (ENOSPC). */
    public static void writeOnce(int fd, byte[] data) {
        long written;
        do {
            written = Libc.write(fd, data, data.length);
        } while (written < 0 && Native.getLastError() == Errno.EINTR);
        check("write", "", written);
        if (written != data.length) {
            throw new OsException("write", "", Errno.ENOSPC);
        }
    }

    public static void writeFully(int fd, byte[] data) {
        try (OffHeap memory = new OffHeap(data.length)) {
            memory.view().put(0, data);
            long at = memory.address();
            for (long left = data.length; left > 0; ) {
                long written = check("write", "", Libc.write(fd, at, left));
                at += written;
                left -= written;
            }
        }
    }

    /** Whether a descriptor can be read or written without waiting, now or within a time. */
    static boolean awaitReady(int fd, short events, int timeoutMillis) {
        byte[] pollfd = {(byte) fd, (byte) (fd >> 8), (byte) (fd >> 16), (byte) (fd >> 24), (byte) events, 0, 0, 0};
        return transferred("poll", "", Libc.poll(pollfd, 1, timeoutMillis)) != 0;
    }

    /** What a call without waiting has done; nothing where it would have had to wait, or was interrupted. */
    static int transferred(String call, String argument, long result) {
        if (result < 0 && (Native.getLastError() == Errno.EINTR || Native.getLastError() == Errno.EAGAIN)) {
            return 0;
        }
        return (int) check(call, argument, result);
    }

    /** What to try to write next: all that is left would be copied in vain where the peer takes a little at a time. */
    static byte[] piece(byte[] data, int offset) {
        return offset == 0 && data.length <= PIECE
                ? data
                : Arrays.copyOfRange(data, offset, Math.min(data.length, offset + PIECE));
    }

    /** Sets the size and really allocates the space, so that a full file system is an error now and no SIGBUS later. */
    public static void allocate(int fd, long size) {
        int error;
        do {
            error = Libc.posix_fallocate(fd, 0, size);
        } while (error == Errno.EINTR);
        if (error != 0) {
            throw new OsException("posix_fallocate", Long.toString(size), error);
        }
    }

    /** Allocates space behind the end of the file without moving that end. */
    public static void reserve(int fd, long offset, long length) {
        int result;
        do {
            result = Libc.fallocate(fd, Constants.FALLOC_FL_KEEP_SIZE, offset, length);
        } while (result < 0 && Native.getLastError() == Errno.EINTR);
        check("fallocate", "", result);
    }

    /**
     * Whether the file, which this process may write to through the descriptor, is neither open nor mapped anywhere but
     * through it: the kernel grants a write lease only then, see fcntl(2). False where that cannot be found out.
     *
     * <p>The lease ends with the descriptor, which is to be closed soon: who opens the file has to wait for that.
     */
    public static boolean isOnlyUse(int fd) {
        // Whoever opens the file makes the kernel signal us: by default with SIGIO, which would end this process.
        return Libc.fcntl(fd, Constants.F_SETSIG, Constants.SIGURG) == 0
                && Libc.fcntl(fd, Constants.F_SETLEASE, Constants.F_WRLCK) == 0;
    }

    public static void truncate(int fd, long size) {
        check("ftruncate", Long.toString(size), Libc.ftruncate(fd, size));
    }

    public static void mkdirat(int dir, String name, int mode) {
        check("mkdir", name, Libc.mkdirat(dir, cString(name), mode));
    }

    /** Removes a name; false if it was not there. */
    public static boolean unlinkat(int dir, String name) {
        return removed("unlink", name, Libc.unlinkat(dir, cString(name), 0));
    }

    /** Removes a directory if nothing is in it; whether it did. */
    public static boolean rmdirIfEmpty(String path) {
        return Libc.unlinkat(Constants.AT_FDCWD, cString(path), Constants.AT_REMOVEDIR) == 0;
    }

    private static boolean removed(String call, String name, int result) {
        if (result < 0 && Native.getLastError() == Errno.ENOENT) {
            return false;
        }
        check(call, name, result);
        return true;
    }

    /** Takes the exclusive lock of flock(2) without waiting; false if another process has one. */
    public static boolean tryLock(int fd) {
        return tryLock(fd, Constants.LOCK_EX);
    }

    /** Takes a shared lock of flock(2) without waiting; false if another process has the exclusive one. */
    public static boolean tryLockShared(int fd) {
        return tryLock(fd, Constants.LOCK_SH);
    }

    public static void unlock(int fd) {
        check("flock", "", Libc.flock(fd, Constants.LOCK_UN));
    }

    private static boolean tryLock(int fd, int operation) {
        int result;
        do {
            result = Libc.flock(fd, operation | Constants.LOCK_NB);
        } while (result < 0 && Native.getLastError() == Errno.EINTR);
        if (result < 0 && Native.getLastError() == Errno.EAGAIN) {
            return false;
        }
        check("flock", "", result);
        return true;
    }

    /** Gives the memory of a part of a file back; it reads as zeros from now on. */
    public static void punchHole(int fd, long offset, long length) {
        check(
                "fallocate",
                "",
                Libc.fallocate(fd, Constants.FALLOC_FL_KEEP_SIZE | Constants.FALLOC_FL_PUNCH_HOLE, offset, length));
    }

    /** All that a regular file holds, without its holes. */
    public static byte[] readData(int fd) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        long size = fstat(fd).size();
        for (long at = 0; at < size; ) {
            long from = Libc.lseek(fd, at, Constants.SEEK_DATA);
            if (from < 0 && Native.getLastError() == Errno.ENXIO) {
                break; // nothing but hole up to the end
            }
            check("lseek", "", from);
            at = check("lseek", "", Libc.lseek(fd, from, Constants.SEEK_HOLE));
            data.writeBytes(readRange(fd, from, Math.toIntExact(at - from)));
        }
        return data.toByteArray();
    }

    /** Where a regular file ends. */
    public static long end(int fd) {
        return check("lseek", "", Libc.lseek(fd, 0, Constants.SEEK_END));
    }

    /** A part of a regular file; shorter where the file ends before. */
    public static byte[] readRange(int fd, long offset, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < bytes.length) {
            byte[] piece = new byte[Math.min(bytes.length - done, 1 << 20)];
            int got = (int) check("pread", "", Libc.pread(fd, piece, piece.length, offset + done));
            if (got == 0) {
                return Arrays.copyOf(bytes, done);
            }
            System.arraycopy(piece, 0, bytes, done, got);
            done += got;
        }
        return bytes;
    }

    public static FileStatus fstat(int fd) {
        return statx(fd, new byte[1], Constants.AT_EMPTY_PATH, "")
                .orElseThrow(() -> new OsException("statx", Integer.toString(fd), Errno.ENOENT));
    }

    /** The status of the name itself, links not followed; empty if there is no such name. */
    public static Optional<FileStatus> lstatat(int dir, byte[] name) {
        return statx(dir, cString(name), Constants.AT_SYMLINK_NOFOLLOW, new String(name, StandardCharsets.UTF_8));
    }

    /** The status of what an absolute path leads to; empty if there is no such name. */
    public static Optional<FileStatus> statat(byte[] path) {
        return statx(AT_FDCWD, cString(path), 0, new String(path, StandardCharsets.UTF_8));
    }

    private static Optional<FileStatus> statx(int dir, byte[] path, int flags, String what) {
        Scratch scratch = SCRATCH.get();
        if (Libc.statx(dir, path, flags, Constants.STATX_BASIC_STATS | Constants.STATX_BTIME, scratch.address) < 0) {
            int error = Native.getLastError();
            if (error == Errno.ENOENT) {
                return Optional.empty();
            }
            throw new OsException("statx", what, error);
        }
        ByteBuffer buffer = scratch.view;
        boolean born = (buffer.getInt(0) & Constants.STATX_BTIME) != 0;
        return Optional.of(new FileStatus(
                device(buffer.getInt(136), buffer.getInt(140)),
                buffer.getLong(32),
                buffer.getShort(28) & 0xffff,
                Integer.toUnsignedLong(buffer.getInt(16)),
                Integer.toUnsignedLong(buffer.getInt(20)),
                Integer.toUnsignedLong(buffer.getInt(24)),
                buffer.getLong(40),
                buffer.getLong(48),
                nanos(buffer, 64),
                born ? nanos(buffer, 80) : 0,
                nanos(buffer, 96),
                nanos(buffer, 112)));
    }

    private static long nanos(ByteBuffer buffer, int offset) {
        return Math.addExact(Math.multiplyExact(buffer.getLong(offset), 1_000_000_000L), buffer.getInt(offset + 8));
    }

    /** As makedev(3), so that it is the number that the C program has. */
    static long device(int major, int minor) {
        long high = Integer.toUnsignedLong(major);
        long low = Integer.toUnsignedLong(minor);
        return (low & 0xff) | (high & 0xfff) << 8 | (low & ~0xffL) << 12 | (high & ~0xfffL) << 32;
    }

    /** What tells a file from all others of its file system, by name_to_handle_at(2), in hex; empty where there is no such thing. */
    public static Optional<String> fileHandle(String path) {
        Scratch scratch = SCRATCH.get();
        scratch.view.putInt(0, Constants.MAX_HANDLE_SZ);
        if (Libc.name_to_handle_at(AT_FDCWD, cString(path), scratch.address, new int[1], Constants.AT_SYMLINK_FOLLOW)
                < 0) {
            return Optional.empty();
        }
        byte[] handle = new byte[scratch.view.getInt(0)];
        scratch.view.get(2 * Integer.BYTES, handle);
        return Optional.of(HexFormat.of().formatHex(handle));
    }

    /** Free space of the file system that holds the path, as statfs(2) tells it. */
    public static FileSystem statfs(String path) {
        Scratch scratch = SCRATCH.get();
        check("statfs", path, Libc.statfs(cString(path), scratch.address));
        ByteBuffer buffer = scratch.view;
        long block = buffer.getLong(8);
        return new FileSystem(buffer.getLong(0), block * buffer.getLong(16), block * buffer.getLong(32));
    }

    /** Gives this thread mounts of its own: what it mounts from now on, no other thread or process sees. */
    public static void unshareMounts() {
        check("unshare", "", Libc.unshare(Constants.CLONE_NEWNS));
        check(
                "mount",
                "/",
                Libc.mount(cString("none"), cString("/"), cString(""), Constants.MS_REC | Constants.MS_PRIVATE, 0));
    }

    /** Mounts the POSIX message queues of this IPC namespace on a directory. */
    public static void mountQueues(String directory) {
        check("mount", directory, Libc.mount(cString("none"), cString(directory), cString("mqueue"), 0, 0));
    }

    /** All entries but "." and "..", names as bytes since they need not be valid in any charset. */
    public static Iterable<byte[]> list(int dir) {
        return list(dir, "");
    }

    /** Those entries whose names begin so, which finds a few among very many at little cost. */
    public static Iterable<byte[]> list(int dir, String prefix) {
        byte[] bytes = prefix.getBytes(StandardCharsets.US_ASCII);
        return () -> new DirectoryListing(openat(dir, ".", Constants.O_RDONLY | Constants.O_DIRECTORY, 0), bytes);
    }

    // --- memory ---

    /** A memfd that holds the bytes and can be changed by nobody any more, see memfd_create(2). */
    public static int sealedMemfd(String name, byte[] data) {
        int fd = check(
                "memfd_create",
                name,
                Libc.memfd_create(cString(name), Constants.MFD_CLOEXEC | Constants.MFD_ALLOW_SEALING));
        try {
            writeFully(fd, data);
            check(
                    "fcntl",
                    "F_ADD_SEALS",
                    Libc.fcntl(
                            fd,
                            Constants.F_ADD_SEALS,
                            Constants.F_SEAL_SEAL
                                    | Constants.F_SEAL_SHRINK
                                    | Constants.F_SEAL_GROW
                                    | Constants.F_SEAL_WRITE));
            return fd;
        } catch (OsException e) {
            close(fd);
            throw e;
        }
    }

    public static boolean hasMemfd() {
        int fd = Libc.memfd_create(cString("shmkit-probe"), Constants.MFD_CLOEXEC);
        if (fd >= 0) {
            close(fd);
        }
        return fd >= 0;
    }

    public static int memfd(String name) {
        return check("memfd_create", name, Libc.memfd_create(cString(name), Constants.MFD_CLOEXEC));
    }

    /** Address space that nothing else gets and nobody can touch. */
    public static long reserveAddresses(long length) {
        return mapped(Libc.mmap(
                0,
                length,
                Constants.PROT_NONE,
                Constants.MAP_PRIVATE | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE,
                -1,
                0));
    }

    /**
     * Maps an open file into reserved addresses, shared, for reading and writing.
     *
     * <p>Native code of the test JVM that forks does not hand the mapping down: a daemon made so would hold the segment
     * beyond the JVM's death.
     */
    public static void mapShared(long address, long length, int fd) {
        mapped(Libc.mmap(
                address,
                length,
                Constants.PROT_READ | Constants.PROT_WRITE,
                Constants.MAP_SHARED | Constants.MAP_FIXED,
                fd,
                0));
        check("madvise", "", Libc.madvise(address, length, Constants.MADV_DONTFORK));
    }

    /**
     * Puts private zeros in the place of whatever is mapped there.
     *
     * <p>Not munmap(2): a thread that still reads would take the JVM down.
     */
    public static void mapZeros(long address, long length) {
        mapped(Libc.mmap(
                address,
                length,
                Constants.PROT_READ | Constants.PROT_WRITE,
                Constants.MAP_PRIVATE | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE | Constants.MAP_FIXED,
                -1,
                0));
    }

    public static void unmap(long address, long length) {
        check("munmap", "", Libc.munmap(address, length));
    }

    private static long mapped(long address) {
        return check("mmap", "", address);
    }

    /** A buffer over native memory, in the machine's byte order; who unmaps the memory must know that nobody has it. */
    public static ByteBuffer buffer(long address, long length) {
        return new Pointer(address).getByteBuffer(0, length).order(ByteOrder.nativeOrder());
    }

    public static void fill(long address, long length, byte value) {
        new Pointer(address).setMemory(0, length, value);
    }

    /** A class of the library by which all this is called, which a JVM that has our classes needs as well. */
    public static Class<?> nativeLibrary() {
        return Native.class;
    }

    public static long pageSize() {
        return PAGE_SIZE;
    }

    // --- System V shared memory ---

    /** Creates a segment that did not exist; EEXIST if the key is taken. */
    public static int shmCreate(int key, long size, int mode) {
        return check(
                "shmget",
                "0x" + Integer.toHexString(key) + ", " + size,
                Libc.shmget(key, size, Constants.IPC_CREAT | Constants.IPC_EXCL | mode));
    }

    /** Attaches at reserved addresses; not handed down to forks, as {@link #mapShared}. */
    public static void shmAttach(int id, long address, long length) {
        check("shmat", Integer.toString(id), Libc.shmat(id, address, Constants.SHM_REMAP));
        check("madvise", "", Libc.madvise(address, length, Constants.MADV_DONTFORK));
    }

    /** Removes it, or marks it for destruction at the last detach; false if it was gone. */
    public static boolean shmRemove(int id) {
        if (Libc.shmctl(id, Constants.IPC_RMID, 0) < 0) {
            int error = Native.getLastError();
            if (error == Errno.EINVAL || error == Errno.EIDRM) {
                return false;
            }
            throw new OsException("shmctl", id + ", IPC_RMID", error);
        }
        return true;
    }

    /** How many segments there are in this IPC namespace, whoever's they are; -1 where the kernel does not tell. */
    public static int shmCount() {
        Scratch scratch = SCRATCH.get();
        return Libc.shmctl(0, Constants.SHM_INFO, scratch.address) < 0 ? -1 : scratch.view.getInt(0);
    }

    /** Empty if there is no such segment any more. */
    public static Optional<ShmStatus> shmStat(int id) {
        Scratch scratch = SCRATCH.get();
        if (Libc.shmctl(id, Constants.IPC_STAT, scratch.address) < 0) {
            int error = Native.getLastError();
            if (error == Errno.EINVAL || error == Errno.EIDRM) {
                return Optional.empty();
            }
            throw new OsException("shmctl", id + ", IPC_STAT", error);
        }
        ByteBuffer buffer = scratch.view;
        return Optional.of(new ShmStatus(
                buffer.getInt(0),
                Integer.toUnsignedLong(buffer.getInt(4)),
                Integer.toUnsignedLong(buffer.getInt(12)),
                buffer.getInt(20) & 0xffff,
                buffer.getLong(48),
                buffer.getLong(56),
                buffer.getLong(64),
                buffer.getLong(72),
                buffer.getInt(80),
                buffer.getInt(84),
                buffer.getLong(88)));
    }

    /** Who last did an operation on each semaphore of a set, 0 for nobody or who cannot be seen; empty if the set is gone. */
    public static long[] semPids(int id, int semaphores) {
        long[] pids = new long[semaphores];
        for (int i = 0; i < semaphores; i++) {
            pids[i] = Libc.semctl(id, i, Constants.GETPID, 0);
            if (pids[i] < 0) {
                return gone("semctl", id);
            }
        }
        return pids;
    }

    /** Who last sent to a queue, and who last received from it, likewise. */
    public static long[] msgPids(int id) {
        Scratch scratch = SCRATCH.get();
        if (Libc.msgctl(id, Constants.IPC_STAT, scratch.address) < 0) {
            return gone("msgctl", id);
        }
        return new long[] {scratch.view.getInt(96), scratch.view.getInt(100)};
    }

    private static long[] gone(String call, int id) {
        int error = Native.getLastError();
        if (error == Errno.EINVAL || error == Errno.EIDRM) {
            return new long[0];
        }
        throw new OsException(call, Integer.toString(id), error);
    }

    // --- processes ---

    public static int pid() {
        return Libc.getpid();
    }

    public static int euid() {
        return Libc.geteuid();
    }

    public static int egid() {
        return Libc.getegid();
    }

    /** If this process is traced by shm-helper: from now on what it does counts, or does not. */
    public static void armTracer(boolean armed) {
        check("prctl", "shmkit's tracer", Libc.prctl(TRACE_PRCTL, armed ? 1 : 0, 0, 0, 0));
    }

    static int pidfdOpen(int pid) {
        return (int) check("pidfd_open", Integer.toString(pid), Libc.syscall(Constants.SYS_PIDFD_OPEN, pid, 0, 0, 0));
    }

    /** Whether there is a process, by the kernel's word and not by /proc; also one that has ended and was not waited for. */
    static boolean hasProcess(long pid) {
        int fd = (int) Libc.syscall(Constants.SYS_PIDFD_OPEN, pid, 0, 0, 0);
        if (fd >= 0) {
            close(fd);
        }
        // A number that is no process's, or only a thread's, is refused with one of these.
        return fd >= 0 || !Set.of(Errno.ESRCH, Errno.EINVAL, Errno.ENOENT).contains(Native.getLastError());
    }

    /** False if the process is gone. */
    static boolean pidfdSignal(int pidfd, int signo) {
        if (Libc.syscall(Constants.SYS_PIDFD_SEND_SIGNAL, pidfd, signo, 0, 0) < 0) {
            int error = Native.getLastError();
            if (error == Errno.ESRCH) {
                return false;
            }
            throw new OsException("pidfd_send_signal", Integer.toString(signo), error);
        }
        return true;
    }

    // --- helpers ---

    /** For statx, statfs and shmctl, which a listing of 100 000 files calls for each. */
    private static final ThreadLocal<Scratch> SCRATCH =
            ThreadLocal.withInitial(() -> new Scratch(Math.max(STATX_SIZE, Math.max(STATFS_SIZE, SHMID_DS_SIZE))));

    /** Native memory, read through a buffer: a Pointer's getters are native calls. */
    private static final class Scratch {
        final Memory memory;
        final long address;
        final ByteBuffer view;

        Scratch(int size) {
            memory = new Memory(size);
            address = Pointer.nativeValue(memory);
            view = memory.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
        }
    }

    static byte[] cString(String text) {
        return cString(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] cString(byte[] bytes) {
        byte[] terminated = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, terminated, 0, bytes.length);
        return terminated;
    }

    static int check(String call, String argument, int result) {
        if (result < 0) {
            throw new OsException(call, argument, Native.getLastError());
        }
        return result;
    }

    static long check(String call, String argument, long result) {
        if (result == -1) {
            throw new OsException(call, argument, Native.getLastError());
        }
        return result;
    }
}
