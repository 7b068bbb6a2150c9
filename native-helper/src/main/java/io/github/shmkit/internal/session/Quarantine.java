package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;

/** A private directory to put objects into that belong to no session; it stays as long as we hold a lock in it. */
public final class Quarantine implements AutoCloseable {
    private static final int ATTEMPTS = 1000;

    private final PrivateDir dir;
    private final String lock;
    private final int lockFd;

    private Quarantine(PrivateDir dir, String lock, int lockFd) {
        this.dir = dir;
        this.lock = lock;
        this.lockFd = lockFd;
    }

    public static Quarantine open() {
        return PrivateDir.enter("clean up", SessionId.random(), dir -> {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                String name = SessionId.random() + ".lock";
                int fd = dir.takeLock(name); // or another cleaner took it for a dead session's
                if (fd >= 0) {
                    return new Quarantine(dir, name, fd);
                }
            }
            throw new ShmException("cannot hold a lock in " + dir.path()
                    + ": other processes of this user took it away " + ATTEMPTS + " times");
        });
    }

    public PrivateDir dir() {
        return dir;
    }

    @Override
    public void close() {
        Os.unlinkat(dir.fd(), lock);
        Os.close(lockFd);
        dir.removeIfEmpty();
        dir.close();
    }
}
