package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.io.IOException;
import java.nio.file.Path;

/** The folder that holds the mapped files of all sessions of this user, and goes with the last of them. */
record MappedFiles(String path, int fd) implements AutoCloseable {
    private static final int ATTEMPTS = 16;
    private static final int MODE = 0700;

    static MappedFiles open() {
        String parent = System.getProperty("java.io.tmpdir", "/tmp");
        String name = "shmkit-" + Os.euid();
        try {
            // Without links: the cleaner follows none.
            String realParent = Path.of(parent).toRealPath().toString();
            int parentFd = Os.open(realParent, Os.O_RDONLY | Os.O_DIRECTORY, 0);
            try {
                return new MappedFiles(realParent + "/" + name, openOrMake(parentFd, name));
            } finally {
                Os.close(parentFd);
            }
        } catch (IOException | OsException e) {
            throw new ShmException(
                    "cannot use " + parent + "/" + name + " for mapped files: " + e.getMessage()
                            + "; set java.io.tmpdir to a directory that this user can write to",
                    e);
        }
    }

    private static int openOrMake(int parent, String name) {
        for (int attempt = 1; ; attempt++) {
            try {
                return makeAndOpen(parent, name);
            } catch (OsException e) {
                // A session that ended took the empty folder away between the two calls.
                if (!e.is(Errno.ENOENT) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static int makeAndOpen(int parent, String name) {
        try {
            Os.mkdirat(parent, name, MODE);
        } catch (OsException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
        int fd = Os.openat(parent, name, Os.O_RDONLY | Os.O_DIRECTORY | Os.O_NOFOLLOW, 0);
        boolean ours = false;
        try {
            FileStatus status = Os.fstat(fd);
            ours = status.uid() == Os.euid() && status.permissions() == MODE;
            if (!ours) {
                throw new OsException("open", name + ", which is another user's or not 0700", Errno.EPERM);
            }
            return fd;
        } finally {
            if (!ours) {
                Os.close(fd);
            }
        }
    }

    @Override
    public void close() {
        Os.close(fd);
        Os.rmdirIfEmpty(path);
    }
}
