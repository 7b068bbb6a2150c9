package io.github.shmkit.internal.session;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * One look at a session: whether it lives, and what its ledger says.
 *
 * <p>A dead session's lock, and its ledger's, stay ours until the probe is closed, so that of several cleaners one works.
 */
public final class SessionProbe implements AutoCloseable {
    /** What the locks said. */
    public enum State {
        LIVE,
        /** Dead, and another cleaner is at work on it. */
        BEING_CLEANED,
        DEAD,
        /** The caller's own, of which he says that all its processes have ended. */
        ENDING,
        /** Its lock file is gone, which proves nothing. */
        LOST
    }

    private static final int NONE = -1;
    private static final int ATTEMPTS = 100;
    private static final long PAUSE_NANOS = 1_000_000;

    private final PrivateDir dir;
    private final String stem;
    private State state = State.LOST;
    private int lockFd = NONE;
    private int ledgerFd = NONE;
    private Optional<LedgerContents> ledger = Optional.empty();
    private String trouble = "";
    private String ipcTrouble = "";

    private SessionProbe(PrivateDir dir, String stem) {
        this.dir = dir;
        this.stem = stem;
    }

    /** Takes the session with that stem, "session.fork", or "session" for a build, if it is dead. */
    public static SessionProbe of(PrivateDir dir, String stem) {
        SessionProbe probe = new SessionProbe(dir, stem);
        try {
            probe.state = probe.take();
            return probe;
        } catch (RuntimeException | Error e) {
            probe.close();
            throw e;
        }
    }

    /** Looks at it, and leaves it to whoever wants to take it. */
    public static SessionProbe look(PrivateDir dir, String stem) {
        SessionProbe probe = new SessionProbe(dir, stem);
        try {
            probe.state = probe.look();
            return probe;
        } finally {
            probe.close();
        }
    }

    /** Looks at the caller's own build, whose lock he holds. */
    public static SessionProbe ofEnding(PrivateDir dir, String stem) {
        SessionProbe probe = new SessionProbe(dir, stem);
        probe.ledgerFd = probe.open(stem + ".jrnl");
        if (probe.ledgerFd != NONE) {
            probe.readLedger();
        }
        probe.state = State.ENDING;
        return probe;
    }

    /** Reads what has been added to the ledger of an {@linkplain State#ENDING ending} session since. */
    public void readAgain() {
        if (state == State.ENDING && ledgerFd != NONE) {
            readLedger();
        }
    }

    private State take() {
        lockFd = open(stem + ".lock");
        if (lockFd == NONE || !Os.fstat(lockFd).isRegular()) {
            return State.LOST;
        }
        if (!takeLock(lockFd, stem + ".lock")) {
            return stateOfHolder();
        }
        if (!openLedger()) {
            return State.DEAD; // killed before it made anything, or there is trouble
        }
        if (!takeLock(ledgerFd, stem + ".jrnl")) {
            readLedger();
            return State.BEING_CLEANED;
        }
        readLedger();
        return State.DEAD;
    }

    private State look() {
        lockFd = open(stem + ".lock");
        if (lockFd == NONE || !Os.fstat(lockFd).isRegular()) {
            return State.LOST;
        }
        if (!Os.tryLockShared(lockFd)) {
            return stateOfHolder();
        }
        Os.unlock(lockFd);
        if (!openLedger()) {
            return State.DEAD;
        }
        readLedger();
        return isLocked(ledgerFd) ? State.BEING_CLEANED : State.DEAD;
    }

    /** Of a session whose lock another process holds: itself, or a cleaner, which holds the ledger's as well. */
    private State stateOfHolder() {
        if (!openLedger()) {
            return State.LIVE;
        }
        boolean cleaned = isLocked(ledgerFd);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            readLedger();
            if (trouble.isEmpty()) {
                break; // else its writer was just making a hole where we read
            }
        }
        return cleaned ? State.BEING_CLEANED : State.LIVE;
    }

    /** Whether there is one that can be read. */
    private boolean openLedger() {
        ledgerFd = open(stem + ".jrnl");
        if (ledgerFd != NONE && !Os.fstat(ledgerFd).isRegular()) {
            trouble = "it is no regular file";
            return false;
        }
        return ledgerFd != NONE;
    }

    private static boolean isLocked(int fd) {
        if (!Os.tryLockShared(fd)) {
            return true;
        }
        Os.unlock(fd);
        return false;
    }

    private int open(String name) {
        try {
            return Os.openat(dir.fd(), name, Os.O_RDONLY | Os.O_NOFOLLOW, 0);
        } catch (OsException e) {
            if (!e.is(Errno.ENOENT)) {
                trouble = "cannot read it: " + e.getMessage();
            }
            return NONE;
        }
    }

    /** The lock counts only on the file that still has the name: another cleaner may have just removed it. */
    private boolean takeLock(int fd, String name) {
        for (int attempt = 0; !Os.tryLock(fd); attempt++) {
            if (isLocked(fd) || attempt == ATTEMPTS) {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NANOS); // one that only looks has it for a moment
        }
        FileStatus held = Os.fstat(fd);
        return held.isRegular()
                && Os.lstatat(dir.fd(), name.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .filter(held::sameFile)
                        .isPresent();
    }

    private void readLedger() {
        try {
            LedgerContents contents = LedgerContents.parse(Os.readData(ledgerFd));
            trouble = domainTrouble(contents.header());
            ipcTrouble = IpcNamespace.isOurs(
                            contents.header().ipcNamespace(), contents.header().ipcIdentity())
                    ? ""
                    : "it is of another IPC namespace";
            ledger = Optional.of(contents);
        } catch (LedgerContents.UnreadableException e) {
            trouble = String.valueOf(e.getMessage());
            ledger = Optional.empty();
        } catch (OsException e) {
            trouble = "cannot read it: " + e.getMessage();
            ledger = Optional.empty();
        }
    }

    private String domainTrouble(LedgerContents.Header header) {
        if (!header.stem().equals(stem)) {
            return "it is of session " + header.stem();
        }
        if (!header.bootId().equals(ProcFs.bootId())) {
            return "it is of another boot";
        }
        if (header.shmDevice() != dir.device()) {
            return "it is of another /dev/shm";
        }
        return header.euid() == Os.euid() ? "" : "it is of another user";
    }

    public PrivateDir dir() {
        return dir;
    }

    public String stem() {
        return stem;
    }

    public State state() {
        return state;
    }

    /** What the ledger says; empty when it cannot be read. */
    public Optional<LedgerContents> ledger() {
        return ledger;
    }

    /** Why the ledger is void as a whole; empty when it is not. */
    public String trouble() {
        return trouble;
    }

    /** Why the ledger is void for objects of that kind; files need the same /dev/shm, all others the same IPC namespace. */
    public String trouble(IpcKind kind) {
        return trouble.isEmpty() && (kind.isSysv() || kind == IpcKind.POSIX_MQ) ? ipcTrouble : trouble;
    }

    /** Takes the session's own files away, once nothing of it remains; its lock last. */
    public void removeFiles() {
        for (String suffix : new String[] {".sock", ".jrnl", ".lock"}) {
            Os.unlinkat(dir.fd(), stem + suffix);
        }
    }

    @Override
    public void close() {
        if (ledgerFd != NONE) {
            Os.close(ledgerFd);
            ledgerFd = NONE;
        }
        if (lockFd != NONE) {
            Os.close(lockFd);
            lockFd = NONE;
        }
    }
}
