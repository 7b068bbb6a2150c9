package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Watchdog;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.util.EnumSet;
import java.util.List;

/** The part of a session that belongs to the build: its lock, and the watchdog that cleans if the build is killed. */
public final class BuildSession implements AutoCloseable {
    /** With more than so many objects on the host their list is not worth its memory; then nothing counts as new. */
    private static final int BASELINE_MAX = 20_000;

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
        PrivateDir dir = PrivateDir.openOrCreate();
        String name = id + ".lock";
        int lockFd = -1;
        try {
            lockFd = Os.openat(dir.fd(), name, Os.O_RDWR | Os.O_CREAT | Os.O_EXCL | Os.O_NOFOLLOW, 0600);
            if (!Os.tryLock(lockFd)) {
                throw new ShmException("another process holds " + dir.path() + "/" + name);
            }
            Ledger ledger = Ledger.create(dir, id, 0);
            List<IpcObject> before =
                    Inventory.scan(EnumSet.allOf(IpcKind.class)).objects();
            if (before.size() <= BASELINE_MAX) {
                ledger.baseline(before);
            }
            return new BuildSession(id, dir, lockFd, ledger, Watchdog.start(dir.path(), id.text()));
        } catch (OsException e) {
            release(dir, lockFd, id);
            throw new ShmException("cannot begin a session in " + dir.path() + ": " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            release(dir, lockFd, id);
            throw e;
        }
    }

    private static void release(PrivateDir dir, int lockFd, SessionId id) {
        if (lockFd >= 0) {
            Os.unlinkat(dir.fd(), id + ".jrnl");
            Os.unlinkat(dir.fd(), id + ".lock");
            Os.close(lockFd);
        }
        dir.removeIfEmpty();
        dir.close();
    }

    public SessionId id() {
        return id;
    }

    public long watchdogPid() {
        return watchdog.pid();
    }

    /**
     * Ends the watchdog and gives the lock back.
     *
     * @param finished whether nothing is left to be judged by a later sweep; if not, what was observed is kept for it
     */
    public void close(boolean finished) {
        watchdog.close();
        ledger.close();
        if (finished) {
            release(dir, lockFd, id);
        } else {
            Os.close(lockFd);
            dir.close();
        }
    }

    @Override
    public void close() {
        close(true);
    }
}
