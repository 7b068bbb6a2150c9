package io.github.shmkit.internal.session;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * The files of a session that is dead, its lock free, whose ledger says whatever a test wants of real objects.
 *
 * <p>Written by hand after the format that ledger.h describes, not by the class that it is to be compared with.
 */
public final class ForgedSession implements AutoCloseable {
    /** Places of the header's fields. */
    public static final int SCHEMA = 1;

    public static final int BOOT_ID = 4;
    public static final int SHM_DEVICE = 5;
    public static final int IPC_NAMESPACE = 6;
    public static final int PID_NAMESPACE = 7;
    public static final int PID = 9;
    public static final int START_TIME = 10;
    public static final int EUID = 11;
    public static final int IPC_IDENTITY = 12;

    private static final Path SHM = Path.of(PrivateDir.SHM);
    /** No process of ours ever is that old. */
    private static final String LONG_AGO = "1";

    private final String id;
    private final String secret;
    private final Path dir;
    private long sequence;

    private ForgedSession(SessionSecret secret, int uid, Consumer<String[]> change) {
        this(secret.id().text(), secret.text(), uid, change);
    }

    private ForgedSession(String id, String secret, int uid, Consumer<String[]> change) {
        this(id, secret, uid, SHM.resolve(".shmkit-" + uid), change);
    }

    private ForgedSession(String id, String secret, int uid, Path dir, Consumer<String[]> change) {
        this.id = id;
        this.secret = secret;
        this.dir = dir;
        try {
            if (!Files.exists(dir)) {
                Files.createDirectory(
                        dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                Files.setAttribute(dir, "unix:uid", uid);
            }
            Files.createFile(lock());
            Files.createFile(ledger());
            Files.setAttribute(lock(), "unix:uid", uid);
            Files.setAttribute(ledger(), "unix:uid", uid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String[] header = {
            "H",
            Integer.toString(LedgerContents.SCHEMA),
            id,
            "1",
            ProcFs.bootId(),
            Long.toUnsignedString(status(RawName.of(PrivateDir.SHM + "/.")).device()),
            Long.toString(ProcFs.namespace("ipc")),
            Long.toString(ProcFs.namespace("pid")),
            Long.toString(ProcFs.namespace("user")),
            Long.toString(ProcessHandle.current().pid()),
            LONG_AGO,
            Integer.toString(uid),
            IpcNamespace.identity()
        };
        change.accept(header);
        record(String.join(" ", header));
    }

    /** Of this user, of this kernel; the pid that made it is this JVM's, so that it names a living process. */
    public static ForgedSession dead() {
        return withHeader(header -> {});
    }

    public static ForgedSession withHeader(Consumer<String[]> change) {
        return new ForgedSession(SessionSecret.random(), Os.euid(), change);
    }

    /** A build's, so young that no process can be of it which may not be looked at. */
    public static ForgedSession young() {
        return withHeader(header -> header[START_TIME] = Long.toString(Long.MAX_VALUE));
    }

    public static ForgedSession ofUser(int uid) {
        return new ForgedSession(SessionSecret.random(), uid, header -> {});
    }

    /** A dead test JVM of a build. */
    public static ForgedSession ofBuild(String session) {
        return new ForgedSession(session, "", Os.euid(), header -> {});
    }

    /** Another test JVM of the same number, which began in another directory. */
    public ForgedSession twin() {
        return new ForgedSession(id, secret, Os.euid(), dir.resolveSibling(dir.getFileName() + ".twin"), header -> {});
    }

    /** An object that the ledger names. */
    public record Made(IpcKind kind, RawName path, int id) {
        /** Whether it is there and not merely waiting for its last detach. */
        public boolean exists() {
            return kind.isSysv()
                    ? row(kind, id).filter(o -> !o.isMarkedForDestruction()).isPresent()
                    : Os.lstatat(Os.AT_FDCWD, path.bytes()).isPresent();
        }

        /** For names that are text. */
        public Path file() {
            return Path.of(path.text());
        }
    }

    public String id() {
        return id;
    }

    /** What its processes carry; unknown for a test JVM of a build. */
    public String secret() {
        return secret;
    }

    public String stem() {
        return id + ".1";
    }

    public Path dir() {
        return dir;
    }

    public Path lock() {
        return dir.resolve(stem() + ".lock");
    }

    public Path ledger() {
        return dir.resolve(stem() + ".jrnl");
    }

    /** Where a cleaner holds the object with that number before it goes. */
    public String quarantineName(long seq) {
        return "q." + stem() + "." + seq;
    }

    public long lastSequence() {
        return sequence;
    }

    /** A name such as the session would give its next object in /dev/shm. */
    public Path nextName() {
        return SHM.resolve("shmkit." + stem() + "." + (sequence + 1));
    }

    // --- records ---

    public long intent(IpcKind kind, RawName pathOrName, long size) {
        long seq = ++sequence;
        record("I " + seq + " " + kind + " " + inLedger(kind, pathOrName).base64() + " " + size);
        return seq;
    }

    public long intent(IpcKind kind, int key, long size) {
        return intent(kind, key, size, System.currentTimeMillis() / 1000);
    }

    /** At that time, in seconds since the epoch, of which only records of semaphore sets and queues tell. */
    public long intent(IpcKind kind, int key, long size, long seconds) {
        long seq = ++sequence;
        String time = kind.isUnaccounted() ? " " + seconds : "";
        record(String.format("I %d %s %08x %d%s", seq, kind, key, size, time));
        return seq;
    }

    public void commit(long seq, FileStatus status) {
        record("C " + seq + " F " + Long.toUnsignedString(status.device()) + " " + Long.toUnsignedString(status.inode())
                + " " + status.btimeNanos());
    }

    public void release(long seq) {
        record("R " + seq);
    }

    public void process(long pid, long startTime, long pidNamespace) {
        record("P " + pid + " " + startTime + " " + pidNamespace + " X");
    }

    /** What is there now was there before, as a build notes it. */
    public void baseline() {
        Baseline.of(Inventory.scan(EnumSet.allOf(IpcKind.class))).records().forEach(this::record);
    }

    /** A process of the session made a file that exists; proof is a letter as ledger.h has it. */
    public Made observed(Path path, long pid, long startTime, char proof) {
        FileStatus status = status(RawName.of(path.toString()));
        IpcKind kind = path.getFileName().toString().startsWith("sem.") ? IpcKind.POSIX_SEM : IpcKind.POSIX_SHM;
        record("O F " + kind + " " + RawName.of(path.getFileName().toString()).base64() + identity(status) + " "
                + status.uid() + " " + status.size() + " " + pid + " " + startTime + " " + proof + " -");
        return new Made(kind, RawName.of(path.toString()), -1);
    }

    /** A process of the session made a System V object that exists. */
    public Made observedSysv(IpcKind kind, int id, long pid, long startTime) {
        IpcObject object = row(kind, id).orElseThrow();
        observedSysv(object, pid, startTime);
        return new Made(kind, RawName.EMPTY, id);
    }

    public void observedSysv(IpcObject object, long pid, long startTime) {
        Identity.OfSysv sysv = (Identity.OfSysv) object.identity();
        record(String.format(
                "O V %s %d %08x %d %d %d %d %d D -",
                object.kind(),
                sysv.id(),
                sysv.key(),
                sysv.creatorUid(),
                sysv.ctimeSeconds(),
                object.size(),
                pid,
                startTime));
    }

    /** A process of no session used a file that exists. */
    public void used(Path path, long pid, long startTime) {
        FileStatus status = status(RawName.of(path.toString()));
        record("U F POSIX_SHM " + RawName.of(path.getFileName().toString()).base64() + identity(status) + " " + pid
                + " " + startTime + " " + RawName.of("outsider").base64());
    }

    public void member(long pid, long startTime) {
        record("M " + pid + " " + startTime + " " + ProcFs.namespace("pid") + " -");
    }

    private static String identity(FileStatus status) {
        return " " + Long.toUnsignedString(status.device()) + " " + Long.toUnsignedString(status.inode()) + " "
                + status.btimeNanos();
    }

    /** From now on it is alive, until what is returned is closed. */
    public Life live() {
        Life life = new Life(lock(), Os.open(lock().toString(), Os.O_RDONLY, 0));
        if (!Os.tryLock(life.fd)) {
            throw new AssertionError("it is alive already");
        }
        return life;
    }

    /** The lock of a session that is alive. */
    public record Life(Path lock, int fd) implements AutoCloseable {
        /** Whether any other process finds it so. */
        public boolean isSeen() {
            int other = Os.open(lock.toString(), Os.O_RDONLY, 0);
            try {
                return !Os.tryLock(other);
            } finally {
                Os.close(other);
            }
        }

        @Override
        public void close() {
            Os.close(fd);
        }
    }

    /** INTENT and COMMIT for a file that exists, by its absolute path. */
    public Made owns(IpcKind kind, RawName path) {
        FileStatus status = status(path);
        commit(intent(kind, path, status.size()), status);
        return new Made(kind, path, -1);
    }

    public Made owns(IpcKind kind, Path path) {
        return owns(kind, RawName.of(path.toString()));
    }

    /** INTENT and COMMIT for a System V object that exists. */
    public Made ownsSysv(IpcKind kind, int id) {
        IpcObject object = row(kind, id).orElseThrow();
        Identity.OfSysv identity = (Identity.OfSysv) object.identity();
        long seq = intent(kind, identity.key(), object.size());
        record("C " + seq + " V " + id + " " + identity.ctimeSeconds() + " " + identity.creatorUid());
        return new Made(kind, RawName.EMPTY, id);
    }

    /** A shared memory object with a name of ours. */
    public Made newShm() throws IOException {
        Path path = nextName();
        Files.write(path, new byte[4096], StandardOpenOption.CREATE_NEW);
        return owns(IpcKind.POSIX_SHM, path);
    }

    /** A mapped file, in a folder of ours within the given one. */
    public Made newMappedFile(Path parent) throws IOException {
        Path folder = Files.createDirectories(parent.resolve("shmkit-files"));
        Path path = folder.resolve(nextName().getFileName());
        Files.write(path, new byte[4096], StandardOpenOption.CREATE_NEW);
        return owns(IpcKind.MMAP_FILE, path);
    }

    /** Many objects at once; those that exist, by their absolute paths. */
    public void ownsAll(IpcKind kind, List<RawName> paths) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (RawName path : paths) {
            FileStatus status = status(path);
            long seq = ++sequence;
            lines.writeBytes(
                    line("I " + seq + " " + kind + " " + inLedger(kind, path).base64() + " " + status.size()));
            lines.writeBytes(
                    line("C " + seq + " F " + status.device() + " " + status.inode() + " " + status.btimeNanos()));
        }
        try {
            Files.write(ledger(), lines.toByteArray(), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Appends a record with its check sum. */
    public void record(String record) {
        try {
            Files.write(ledger(), line(record), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] line(String record) {
        byte[] body = record.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(body);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(body);
        line.writeBytes(String.format(" %08x%n", crc.getValue()).getBytes(StandardCharsets.US_ASCII));
        return line.toByteArray();
    }

    private static RawName inLedger(IpcKind kind, RawName path) {
        return switch (kind) {
            case POSIX_SHM, POSIX_SEM -> path.split()[1];
            default -> path;
        };
    }

    private static FileStatus status(RawName path) {
        return Os.lstatat(Os.AT_FDCWD, path.bytes()).orElseThrow(() -> new AssertionError("there is no " + path));
    }

    /** A System V object as it is listed. */
    public static java.util.Optional<IpcObject> row(IpcKind kind, int id) {
        return Inventory.scan(Set.of(kind)).objects().stream()
                .filter(o -> o.identity() instanceof Identity.OfSysv sysv && sysv.id() == id)
                .findFirst();
    }

    // --- afterwards ---

    /** Whether anything of it is left in the private directory. */
    public boolean hasFiles() {
        return Files.exists(lock()) || Files.exists(ledger());
    }

    /** Takes its own files away, not the objects. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(ledger());
            Files.deleteIfExists(lock());
            Files.deleteIfExists(dir.resolve(stem() + ".sock"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
