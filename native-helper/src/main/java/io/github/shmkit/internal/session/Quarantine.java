package io.github.shmkit.internal.session;

import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;

/** A private directory to put objects into that belong to no session; it stays as long as we hold a lock in it. */
public final class Quarantine implements AutoCloseable {
    private static final int ATTEMPTS = 16;

    private final PrivateDir dir;
    private final String lock;
    private final int lockFd;

    private Quarantine(PrivateDir dir, String lock, int lockFd) {
        this.dir = dir;
        this.lock = lock;
        this.lockFd = lockFd;
    }

    public static Quarantine open() {
        for (int attempt = 1; ; attempt++) {
            PrivateDir dir = PrivateDir.openOrCreate();
            try {
                String lock = SessionId.random() + ".lock";
                int fd = Os.openat(dir.fd(), lock, Os.O_RDWR | Os.O_CREAT | Os.O_EXCL | Os.O_NOFOLLOW, 0600);
                if (Os.tryLock(fd)) {
                    return new Quarantine(dir, lock, fd);
                }
                Os.close(fd); // another cleaner took it for a dead session's, and away
            } catch (OsException e) {
                dir.close();
                if (!e.is(Errno.ENOENT) || attempt == ATTEMPTS) {
                    throw e;
                }
                continue; // the last session in it ended between our opening it and our first file in it
            }
            dir.close();
        }
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
