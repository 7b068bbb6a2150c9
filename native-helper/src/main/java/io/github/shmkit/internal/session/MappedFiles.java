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
    private static final int NOT_OURS = -1;

    /** The one that is for the session, made if need be. */
    static MappedFiles open(SessionId session) {
        String parent = System.getProperty("java.io.tmpdir", "/tmp");
        try {
            // Without links: the cleaner follows none.
            String realParent = Path.of(parent).toRealPath().toString();
            int parentFd = Os.open(realParent, Os.O_RDONLY | Os.O_DIRECTORY, 0);
            try {
                for (String name : OwnNames.mappedFiles(Integer.toUnsignedLong(Os.euid()), session)) {
                    int fd = openOrMake(parentFd, name);
                    if (fd != NOT_OURS) {
                        return new MappedFiles(realParent + "/" + name, fd);
                    }
                }
            } finally {
                Os.close(parentFd);
            }
            throw new OsException("mkdir", "each name that was tried is another user's", Errno.EEXIST);
        } catch (IOException | OsException e) {
            throw new ShmException(
                    "cannot make a folder for mapped files in " + parent + ": " + e.getMessage()
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
        int fd;
        try {
            fd = Os.openat(parent, name, Os.O_RDONLY | Os.O_DIRECTORY | Os.O_NOFOLLOW, 0);
        } catch (OsException e) {
            if (e.is(Errno.ELOOP, Errno.ENOTDIR, Errno.EACCES)) {
                return NOT_OURS; // a link, a file, or another user's
            }
            throw e;
        }
        boolean ours = false;
        try {
            FileStatus status = Os.fstat(fd);
            ours = status.uid() == Os.euid() && status.permissions() == MODE;
            return ours ? fd : NOT_OURS;
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
