package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Watchdog;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;

/** The part of a session that belongs to the build: its lock, and the watchdog that cleans if the build is killed. */
public final class BuildSession implements AutoCloseable {
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

    /** Ends the watchdog and gives the lock back; what the test JVMs left must have been swept before. */
    @Override
    public void close() {
        watchdog.close();
        ledger.close();
        release(dir, lockFd, id);
    }
}
