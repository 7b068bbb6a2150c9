package io.github.shmkit.internal.session;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.guard.HelperProgram;
import io.github.shmkit.internal.guard.Supervisor;
import io.github.shmkit.internal.ipc.AttachedSegment;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.ipc.KernelObject;
import io.github.shmkit.internal.ipc.Messages;
import io.github.shmkit.internal.ipc.NewSegment;
import io.github.shmkit.internal.ipc.Queue;
import io.github.shmkit.internal.ipc.Semaphore;
import io.github.shmkit.internal.ipc.SemaphoreSet;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The part of a session that belongs to this JVM: a lock that proves it alive, a ledger of all that it makes, and a
 * supervisor that removes it when this JVM is gone.
 */
public final class Session implements AutoCloseable {
    private static final int FORKS_MAX = 1 << 20;
    /** How often a random name or key may be another's already. */
    private static final int TAKEN_MAX = 16;

    private static final int DIRECTORY_ATTEMPTS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SessionSecret secret;
    private final SessionId id;
    private final int fork;
    private final PrivateDir dir;
    private final int lockFd;
    private final Ledger ledger;
    private final Supervisor supervisor;
    private final LongSupplier names;
    private final AtomicLong sequence = new AtomicLong();
    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
    /** What closes each object that is open, by sequence number. */
    private final Map<Long, Runnable> open = new ConcurrentHashMap<>();

    private final List<MappedFiles> retired = new ArrayList<>();
    private @Nullable MappedFiles mappedFiles;
    private boolean closed;

    private Session(
            SessionSecret secret,
            int fork,
            PrivateDir dir,
            int lockFd,
            Ledger ledger,
            Supervisor supervisor,
            LongSupplier names) {
        this.secret = secret;
        this.id = secret.id();
        this.fork = fork;
        this.dir = dir;
        this.lockFd = lockFd;
        this.ledger = ledger;
        this.supervisor = supervisor;
        this.names = names;
    }

    /**
     * Joins the session that started this JVM, or begins one.
     *
     * @throws ShmException where that is not possible, with the reason and the remedy
     */
    public static Session open() {
        return open(RANDOM::nextLong);
    }

    /** With these numbers in the names of objects. */
    static Session open(LongSupplier names) {
        HelperProgram.Platform.current(); // before JNA says the same less clearly
        SessionSecret secret = SessionSecret.inheritedOrRandom();
        return PrivateDir.enter("begin a session", secret.id(), dir -> open(secret, dir, names));
    }

    private static Session open(SessionSecret secret, PrivateDir dir, LongSupplier names) {
        SessionId id = secret.id();
        int lockFd = -1;
        int fork = 0;
        Ledger ledger = null;
        try {
            while (lockFd < 0) {
                lockFd = dir.takeLock(id + "." + ++fork + ".lock"); // or the number is another JVM's
                if (fork > FORKS_MAX) {
                    throw new ShmException("session " + id + " has had " + FORKS_MAX + " test JVMs already");
                }
            }
            ledger = Ledger.create(dir, id, fork);
            Supervisor supervisor = Supervisor.start(dir.path(), id + "." + fork);
            return new Session(secret, fork, dir, lockFd, ledger, supervisor, names);
        } catch (RuntimeException | Error e) {
            if (ledger != null) {
                ledger.close();
            }
            if (lockFd >= 0) {
                Os.unlinkat(dir.fd(), id + "." + fork + ".sock");
                Os.unlinkat(dir.fd(), id + "." + fork + ".jrnl");
                Os.unlinkat(dir.fd(), id + "." + fork + ".lock");
                Os.close(lockFd);
                dir.removeIfEmpty();
            }
            throw e;
        }
    }

    public SessionId id() {
        return id;
    }

    /** For the environment of helpers. */
    public SessionSecret secret() {
        return secret;
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
        return whileOpen(() -> switch (spec.kind()) {
            case MMAP_FILE -> createMappedFile(spec);
            case MEMFD -> createMemfd(spec);
            case POSIX_SHM -> createPosix(spec);
            case SYSV_SHM -> createSysv(spec);
        });
    }

    /** Maps what somebody else made, and does not note it: it stays his. */
    public Segment adopt(SegmentAddress existing) {
        return whileOpen(() -> AttachedSegment.adopt(existing.uri(), existing));
    }

    /** The end waits for what is being made, and closes it; afterwards nothing is made any more. */
    private <T> T whileOpen(Supplier<T> creation) {
        lifetime.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("this session has ended: nothing can be made in it any more");
            }
            return creation.get();
        } finally {
            lifetime.readLock().unlock();
        }
    }

    private Segment createMemfd(SegmentSpec spec) {
        long seq = sequence.incrementAndGet();
        NewSegment created = NewSegment.memfd(newName(), spec.size());
        try {
            return map(spec, seq, created, () -> {});
        } catch (RuntimeException | Error e) {
            created.remove();
            throw e;
        }
    }

    private Segment map(SegmentSpec spec, long seq, NewSegment created, Runnable afterRemoval) {
        Segment segment = created.map(spec.label(), spec.fill(), () -> {
            open.remove(seq);
            afterRemoval.run();
        });
        open.put(seq, segment::close);
        return segment;
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
    public static boolean unlink(SegmentAddress address) {
        return address instanceof SegmentAddress.BySysv sysv
                ? Os.shmRemove(sysv.shmid())
                : Os.unlinkat(Os.AT_FDCWD, ((SegmentAddress.ByPath) address).path());
    }

    /** That no other user can foresee, and take before us. */
    private String newName() {
        return "shmkit." + id + "." + fork + "." + HexFormat.of().toHexDigits(names.getAsLong());
    }

    /** Makes an object, each time by another random name or key, until it is one that is not taken. */
    private <T> T untilFree(LongFunction<T> creation) {
        for (int attempt = 1; ; attempt++) {
            try {
                return creation.apply(sequence.incrementAndGet());
            } catch (OsException e) {
                if (!e.is(Errno.EEXIST) || attempt == TAKEN_MAX) {
                    throw e;
                }
            }
        }
    }

    private Segment createPosix(SegmentSpec spec) {
        return untilFree(seq -> {
            String name = newName();
            ledger.intent(seq, IpcKind.POSIX_SHM, name, spec.size());
            return commit(
                    spec, seq, () -> NewSegment.file(spec.kind(), dir.shmFd(), PrivateDir.SHM, name, spec.size()));
        });
    }

    private Segment createMappedFile(SegmentSpec spec) {
        for (int attempt = 1; ; attempt++) {
            MappedFiles folder = mappedFiles();
            try {
                return untilFree(seq -> createMappedFile(spec, seq, folder));
            } catch (OsException e) {
                if (!e.is(Errno.ENOENT) || attempt == DIRECTORY_ATTEMPTS) {
                    throw e;
                }
                retireMappedFiles(folder); // another session ended and took the empty folder away
            }
        }
    }

    private Segment createMappedFile(SegmentSpec spec, long seq, MappedFiles folder) {
        String name = newName();
        ledger.intent(seq, IpcKind.MMAP_FILE, folder.path() + "/" + name, spec.size());
        return commit(spec, seq, () -> NewSegment.file(spec.kind(), folder.fd(), folder.path(), name, spec.size()));
    }

    private Segment createSysv(SegmentSpec spec) {
        return untilFree(seq -> {
            int key = randomKey();
            ledger.intent(seq, IpcKind.SYSV_SHM, key, spec.size());
            return commit(spec, seq, () -> NewSegment.sysv(key, spec.size()));
        });
    }

    /** Creates a named semaphore with so many to take. */
    public NamedSemaphore createSemaphore(String label, int value) {
        return whileOpen(() -> untilFree(seq -> {
            String file = "sem." + newName();
            ledger.intent(seq, IpcKind.POSIX_SEM, file, 0);
            return commit(seq, () -> Semaphore.create(dir.shmFd(), PrivateDir.SHM, file, label, value));
        }));
    }

    /**
     * Creates a POSIX message queue.
     *
     * @param messages how many it holds, at least 1
     * @param messageSize bytes of the largest, at least 1
     */
    public PosixQueue createQueue(String label, int messages, int messageSize) {
        return whileOpen(() -> untilFree(seq -> {
            String name = "/" + newName();
            ledger.intent(seq, IpcKind.POSIX_MQ, name, 0);
            return commit(seq, () -> Queue.create(name, label, messages, messageSize));
        }));
    }

    /** Creates a System V semaphore set, all of them with that value, 0 to 32767. */
    public SysvSemaphoreSet createSemaphoreSet(String label, int size, int value) {
        return whileOpen(
                () -> createWithKey(IpcKind.SYSV_SEM, size, key -> SemaphoreSet.create(key, label, size, value)));
    }

    /** Creates a System V message queue. */
    public SysvQueue createSysvQueue(String label) {
        return whileOpen(() -> createWithKey(IpcKind.SYSV_MSG, 0, key -> Messages.create(key, label)));
    }

    private <T extends KernelObject> T createWithKey(IpcKind kind, long size, IntFunction<T> creation) {
        return untilFree(seq -> {
            int key = randomKey();
            ledger.intent(seq, kind, key, size);
            return commit(seq, () -> creation.apply(key));
        });
    }

    private <T extends KernelObject> T commit(long seq, Supplier<T> creation) {
        T created;
        try {
            created = creation.get();
        } catch (RuntimeException | Error e) {
            ledger.release(seq); // creation undid itself
            throw e;
        }
        created.afterRemoval(() -> {
            open.remove(seq);
            ledger.release(seq);
        });
        try {
            ledger.commit(seq, created.identity());
            open.put(seq, created::close);
            return created;
        } catch (RuntimeException | Error e) {
            created.close();
            throw e;
        }
    }

    /** Not IPC_PRIVATE, which is 0: a segment whose creator died before it noted the id can be found by its key. */
    private static int randomKey() {
        int key;
        do {
            key = RANDOM.nextInt();
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
            return map(spec, seq, created, () -> ledger.release(seq));
        } catch (RuntimeException | Error e) {
            created.remove();
            ledger.release(seq);
            throw e;
        }
    }

    /** The folder of mapped files, made at the first use. */
    private synchronized MappedFiles mappedFiles() {
        if (mappedFiles == null) {
            mappedFiles = MappedFiles.open(id);
        }
        return mappedFiles;
    }

    /** Its descriptor stays until the end: a segment that was in it may still mean it. */
    private synchronized void retireMappedFiles(MappedFiles folder) {
        if (folder.equals(mappedFiles)) { // else another thread has found it gone as well, and was first
            retired.add(folder);
            mappedFiles = null;
        }
    }

    private synchronized void closeMappedFiles() {
        if (mappedFiles != null) {
            retired.add(mappedFiles);
            mappedFiles = null;
        }
        Attempts closing = new Attempts();
        retired.forEach(folder -> closing.run(folder::close));
        retired.clear();
        closing.rethrow();
    }

    /**
     * Ends it: helpers, whatever is left in the ledger, the supervisor, the session's files.
     *
     * @return what the supervisor still had to do; nothing, if everybody closed what he opened
     */
    public Supervisor.Reaped end() {
        lifetime.writeLock().lock();
        try {
            if (closed) {
                return new Supervisor.Reaped(0, 0, 0);
            }
            closed = true;
            Attempts ending = new Attempts();
            Supervisor.Reaped[] reaped = {new Supervisor.Reaped(0, 0, 0)};
            // Whoever closes one of them later finds it closed, and touches no descriptor that is another's by then.
            open.values().forEach(ending::run);
            ending.run(() -> reaped[0] = supervisor.end()); // also removes what could not be closed
            ending.run(ledger::close);
            ending.run(() -> Os.close(lockFd));
            ending.run(this::closeMappedFiles);
            ending.run(dir::close);
            ending.rethrow();
            return reaped[0];
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        end();
    }
}
