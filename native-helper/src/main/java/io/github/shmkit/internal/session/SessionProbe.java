package io.github.shmkit.internal.session;

import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import java.util.Optional;

/**
 * One look at a session: whether it lives, and what its ledger says.
 *
 * <p>A dead session's lock, and its ledger's, stay ours until the probe is closed, so that of several cleaners one works.
 */
public final class SessionProbe implements AutoCloseable {
    /** What the locks said. */
    public enum State {
        LIVE,
        /** Dead, but another cleaner is at work on it. */
        BEING_CLEANED,
        DEAD,
        /** The caller's own, of which he says that all its processes have ended. */
        ENDING,
        /** Its lock file is gone, which proves nothing. */
        LOST
    }

    private static final int NONE = -1;

    private final PrivateDir dir;
    private final String stem;
    private State state = State.LOST;
    private int lockFd = NONE;
    private int ledgerFd = NONE;
    private Optional<LedgerContents> ledger = Optional.empty();
    private String trouble = "";

    private SessionProbe(PrivateDir dir, String stem) {
        this.dir = dir;
        this.stem = stem;
    }

    /** Looks at the session with that stem: "session.fork", or "session" for a build. */
    public static SessionProbe of(PrivateDir dir, String stem) {
        SessionProbe probe = new SessionProbe(dir, stem);
        try {
            probe.state = probe.probe();
            return probe;
        } catch (RuntimeException | Error e) {
            probe.close();
            throw e;
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

    private State probe() {
        lockFd = open(stem + ".lock");
        if (lockFd == NONE || !Os.fstat(lockFd).isRegular()) {
            return State.LOST;
        }
        if (!takeLock(lockFd, stem + ".lock")) {
            return State.LIVE;
        }
        ledgerFd = open(stem + ".jrnl");
        if (ledgerFd == NONE) {
            return State.DEAD; // killed before it made anything, or there is trouble
        }
        if (!Os.fstat(ledgerFd).isRegular()) {
            trouble = "it is no regular file";
            return State.DEAD;
        }
        if (!takeLock(ledgerFd, stem + ".jrnl")) {
            return State.BEING_CLEANED;
        }
        readLedger();
        return State.DEAD;
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
        if (!Os.tryLock(fd)) {
            return false;
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
            ledger = Optional.of(contents);
        } catch (LedgerContents.UnreadableException e) {
            trouble = String.valueOf(e.getMessage());
        } catch (OsException e) {
            trouble = "cannot read it: " + e.getMessage();
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
        if (header.ipcNamespace() != ProcFs.namespace("ipc")) {
            return "it is of another IPC namespace";
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

    /** What the ledger of a dead session says; empty for others, and when it cannot be read. */
    public Optional<LedgerContents> ledger() {
        return ledger;
    }

    /** Why the ledger is void; empty when it is not. */
    public String trouble() {
        return trouble;
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
