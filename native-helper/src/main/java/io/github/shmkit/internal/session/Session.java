package io.github.shmkit.internal.session;

import io.github.shmkit.Attach;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.HelperProgram;
import io.github.shmkit.internal.guard.Supervisor;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.ipc.NewSegment;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The part of a session that belongs to this JVM: a lock that proves it alive, a ledger of all that it makes, and a
 * supervisor that removes it when this JVM is gone.
 */
public final class Session implements AutoCloseable {
    private static final int FORKS_MAX = 1 << 20;
    private static final int KEY_ATTEMPTS = 16;
    private static final int DIRECTORY_ATTEMPTS = 16;
    private static final SecureRandom KEYS = new SecureRandom();

    private final SessionId id;
    private final int fork;
    private final PrivateDir dir;
    private final int lockFd;
    private final Ledger ledger;
    private final Supervisor supervisor;
    private final AtomicLong sequence = new AtomicLong();
    private @Nullable MappedFiles mappedFiles;
    private boolean closed;

    private Session(SessionId id, int fork, PrivateDir dir, int lockFd, Ledger ledger, Supervisor supervisor) {
        this.id = id;
        this.fork = fork;
        this.dir = dir;
        this.lockFd = lockFd;
        this.ledger = ledger;
        this.supervisor = supervisor;
    }

    /**
     * Joins the session that started this JVM, or begins one.
     *
     * @throws ShmException where that is not possible, with the reason and the remedy
     */
    public static Session open() {
        HelperProgram.Platform.current(); // before JNA says the same less clearly
        SessionId id = SessionId.inheritedOrRandom();
        for (int attempt = 1; ; attempt++) {
            PrivateDir dir = PrivateDir.openOrCreate();
            try {
                return open(id, dir);
            } catch (OsException e) {
                dir.close();
                // Somebody who ended took the empty directory away between our opening it and our first file in it.
                if (!e.is(Errno.ENOENT) || attempt == DIRECTORY_ATTEMPTS) {
                    throw new ShmException(
                            "cannot begin a session in " + dir.path() + ": " + e.getMessage()
                                    + "; /dev/shm must be writable and not be full (`df /dev/shm`)",
                            e);
                }
            } catch (RuntimeException | Error e) {
                dir.close();
                throw e;
            }
        }
    }

    private static Session open(SessionId id, PrivateDir dir) {
        int lockFd = -1;
        int fork = 0;
        try {
            while (lockFd < 0) {
                lockFd = takeNumber(dir, id + "." + ++fork + ".lock");
                if (fork > FORKS_MAX) {
                    throw new ShmException("session " + id + " has had " + FORKS_MAX + " test JVMs already");
                }
            }
            Ledger ledger = Ledger.create(dir, id, fork);
            Supervisor supervisor = Supervisor.start(dir.path(), id + "." + fork);
            return new Session(id, fork, dir, lockFd, ledger, supervisor);
        } catch (RuntimeException | Error e) {
            if (lockFd >= 0) {
                Os.unlinkat(dir.fd(), id + "." + fork + ".jrnl");
                Os.unlinkat(dir.fd(), id + "." + fork + ".lock");
                Os.close(lockFd);
            }
            throw e;
        }
    }

    /** The lock's descriptor, or -1 if the number is another JVM's. */
    private static int takeNumber(PrivateDir dir, String name) {
        int fd;
        try {
            fd = Os.openat(dir.fd(), name, Os.O_RDWR | Os.O_CREAT | Os.O_EXCL | Os.O_NOFOLLOW, 0600);
        } catch (OsException e) {
            if (e.is(Errno.EEXIST)) {
                return -1;
            }
            throw e;
        }
        // A sweep that saw the file before we have the lock takes it for dead, and away: then its name is not ours.
        if (!Os.tryLock(fd) || Os.fstat(fd).links() == 0) {
            Os.close(fd);
            return -1;
        }
        return fd;
    }

    public SessionId id() {
        return id;
    }

    public Supervisor supervisor() {
        return supervisor;
    }

    /** Whose objects are ours. */
    public static long uid() {
        return Os.euid();
    }

    /** Why this kernel has no segments of that kind; empty when it has. */
    public static Optional<String> unsupported(SegmentKind kind) {
        return switch (kind) {
            case SYSV_SHM ->
                Files.exists(Path.of("/proc/sysvipc/shm"))
                        ? Optional.empty()
                        : Optional.of("this kernel is built without System V IPC (CONFIG_SYSVIPC)");
            case MEMFD ->
                Os.hasMemfd()
                        ? Optional.empty()
                        : Optional.of("this kernel has no memfd_create(2), or a security policy forbids it");
            case MMAP_FILE, POSIX_SHM -> Optional.empty();
        };
    }

    /** Creates and maps a segment, of which the ledger knew before. */
    public Segment create(SegmentSpec spec) {
        return switch (spec.kind()) {
            case MMAP_FILE -> createMappedFile(spec);
            case MEMFD ->
                NewSegment.memfd(name(sequence.incrementAndGet()), spec.size())
                        .map(spec.label(), spec.fill(), () -> {});
            case POSIX_SHM -> createPosix(spec);
            case SYSV_SHM -> createSysv(spec);
        };
    }

    /**
     * Whether a session in this JVM made an object and has not removed it; true from before it is there.
     *
     * <p>Who finds one that is not, and finds it again after having asked, has found another's.
     */
    public static boolean owns(IpcObject object) {
        return Ledger.anyOwns(object);
    }

    /**
     * Takes the name of an object away, or marks it for destruction; mappings go on.
     *
     * @return false if it had none
     */
    public static boolean unlink(Attach attach) {
        return attach instanceof Attach.BySysv sysv
                ? Os.shmRemove(sysv.shmid())
                : Os.unlinkat(Os.AT_FDCWD, ((Attach.ByPath) attach).path());
    }

    private String name(long seq) {
        return "shmkit." + id + "." + fork + "." + seq;
    }

    private Segment createPosix(SegmentSpec spec) {
        long seq = sequence.incrementAndGet();
        ledger.intent(seq, IpcKind.POSIX_SHM, name(seq), spec.size());
        return commit(
                spec, seq, () -> NewSegment.file(spec.kind(), dir.shmFd(), PrivateDir.SHM, name(seq), spec.size()));
    }

    private Segment createMappedFile(SegmentSpec spec) {
        for (int attempt = 1; ; attempt++) {
            long seq = sequence.incrementAndGet();
            MappedFiles folder = mappedFiles();
            ledger.intent(seq, IpcKind.MMAP_FILE, folder.path() + "/" + name(seq), spec.size());
            try {
                return commit(
                        spec,
                        seq,
                        () -> NewSegment.file(spec.kind(), folder.fd(), folder.path(), name(seq), spec.size()));
            } catch (OsException e) {
                if (!e.is(Errno.ENOENT) || attempt == DIRECTORY_ATTEMPTS) {
                    throw e;
                }
                closeMappedFiles(); // another session ended and took the empty folder away
            }
        }
    }

    private Segment createSysv(SegmentSpec spec) {
        for (int attempt = 1; ; attempt++) {
            long seq = sequence.incrementAndGet();
            int key = randomKey();
            ledger.intent(seq, IpcKind.SYSV_SHM, key, spec.size());
            try {
                return commit(spec, seq, () -> NewSegment.sysv(key, spec.size()));
            } catch (OsException e) {
                if (!e.is(Errno.EEXIST) || attempt == KEY_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Not IPC_PRIVATE, which is 0: a segment whose creator died before it noted the id can be found by its key. */
    private static int randomKey() {
        int key;
        do {
            key = KEYS.nextInt();
        } while (key == 0);
        return key;
    }

    private Segment commit(SegmentSpec spec, long seq, Supplier<NewSegment> creation) {
        NewSegment created;
        try {
            created = creation.get();
        } catch (RuntimeException | Error e) {
            ledger.release(seq); // creation undid itself
            throw e;
        }
        try {
            ledger.commit(seq, created.identity());
            return created.map(spec.label(), spec.fill(), () -> ledger.release(seq));
        } catch (RuntimeException | Error e) {
            created.remove();
            ledger.release(seq);
            throw e;
        }
    }

    /** The folder of mapped files, {@code ${java.io.tmpdir}/shmkit-<euid>}, made at the first use. */
    private synchronized MappedFiles mappedFiles() {
        if (mappedFiles == null) {
            mappedFiles = MappedFiles.open();
        }
        return mappedFiles;
    }

    private synchronized void closeMappedFiles() {
        if (mappedFiles != null) {
            mappedFiles.close();
            mappedFiles = null;
        }
    }

    /**
     * Ends it: helpers, whatever is left in the ledger, the supervisor, the session's files.
     *
     * @return what the supervisor still had to do; nothing, if everybody closed what he opened
     */
    public synchronized Supervisor.Reaped end() {
        if (closed) {
            return new Supervisor.Reaped(0, 0, 0);
        }
        closed = true;
        try {
            return supervisor.end();
        } finally {
            ledger.close();
            Os.close(lockFd);
            closeMappedFiles();
            dir.close();
        }
    }

    @Override
    public void close() {
        end();
    }
}
