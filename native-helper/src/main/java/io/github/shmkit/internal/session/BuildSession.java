package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Watchdog;
import io.github.shmkit.internal.ipc.DeclaredDirectories;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The part of a session that belongs to the build: its lock, and the watchdog that cleans if the build is killed. */
public final class BuildSession implements AutoCloseable {
    private static final int ATTEMPTS = 1000;
    private static final long PAUSE_NANOS = 1_000_000;

    private final SessionId id;
    private final PrivateDir dir;
    private final int lockFd;
    private final Ledger ledger;
    private final Watchdog watchdog;

    private BuildSession(SessionId id, PrivateDir dir, int lockFd, Ledger ledger, Watchdog watchdog) {
        this.id = id;
        this.dir = dir;
        this.lockFd = lockFd;
        this.ledger = ledger;
        this.watchdog = watchdog;
    }

    /**
     * Takes the build's lock and starts its watchdog.
     *
     * @throws ShmException where that is not possible, with the reason
     */
    public static BuildSession open(SessionId id) {
        return open(id, true, DeclaredDirectories.NONE);
    }

    /**
     * The same.
     *
     * @param observe whether the watchdog notes who makes objects
     * @param directories in which mapped files are objects, too
     */
    public static BuildSession open(SessionId id, boolean observe, DeclaredDirectories directories) {
        return PrivateDir.enter("begin a session", id, dir -> open(id, dir, observe, directories));
    }

    private static BuildSession open(SessionId id, PrivateDir dir, boolean observe, DeclaredDirectories directories) {
        int lockFd = -1;
        Ledger ledger = null;
        try {
            lockFd = lock(dir, id + ".lock");
            ledger = Ledger.create(dir, id, 0);
            ledger.baseline(Baseline.of(Inventory.scan(EnumSet.allOf(IpcKind.class), directories), directories));
            return new BuildSession(
                    id, dir, lockFd, ledger, Watchdog.start(dir.path(), id.text(), observe, directories.patterns()));
        } catch (RuntimeException | Error e) {
            if (ledger != null) {
                ledger.close();
            }
            release(dir, lockFd, id);
            throw e;
        }
    }

    private static int lock(PrivateDir dir, String name) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int fd = dir.takeLock(name);
            if (fd >= 0) {
                return fd;
            }
            LockSupport.parkNanos(PAUSE_NANOS); // for the sweep that looks at it
        }
        throw new ShmException("another process holds " + dir.path() + "/" + name);
    }

    private static void release(PrivateDir dir, int lockFd, SessionId id) {
        if (lockFd >= 0) {
            Os.unlinkat(dir.fd(), id + ".jrnl");
            Os.unlinkat(dir.fd(), id + ".lock");
            Os.close(lockFd);
        }
        dir.removeIfEmpty();
    }

    public SessionId id() {
        return id;
    }

    /** What its ledger says by now; empty if it cannot be read. */
    public Optional<LedgerContents> ledger() {
        try {
            return Optional.of(LedgerContents.parse(Files.readAllBytes(Path.of(dir.path(), id + ".jrnl"))));
        } catch (IOException | LedgerContents.UnreadableException e) {
            return Optional.empty();
        }
    }

    public long watchdogPid() {
        return watchdog.pid();
    }

    /**
     * Waits until the ledger names all that the session's processes have made by now, for the sweep at its end.
     *
     * @return why it may not name all, which it says from then on; empty if it does
     * @throws ShmException if it may not, and cannot even say so
     */
    public Optional<String> catchUp() {
        Optional<String> missed = watchdog.catchUp();
        if (missed.isPresent() && ledger().map(told -> told.lost().isEmpty()).orElse(true)) {
            ledger.incomplete();
        }
        return missed;
    }

    /**
     * Ends the watchdog and gives the lock back.
     *
     * @param finished whether nothing is left to be judged by a later sweep; if not, what was observed is kept for it
     */
    public void close(boolean finished) {
        Attempts closing = new Attempts();
        closing.run(watchdog::close);
        closing.run(ledger::close);
        closing.run(() -> {
            if (finished) {
                release(dir, lockFd, id);
            } else {
                Os.close(lockFd);
            }
        });
        closing.run(dir::close);
        closing.rethrow();
    }

    @Override
    public void close() {
        close(true);
    }
}
