package io.github.shmkit.internal.ipc;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.OsException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** What creating and opening of all kinds has in common. */
final class KernelObjectCalls {
    static final int MODE = 0600;

    private KernelObjectCalls() {}

    /** The name without its slash. */
    static String plain(String name) {
        if (name.length() < 2 || name.charAt(0) != '/' || name.indexOf('/', 1) >= 0) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of a semaphore or queue: it begins with a slash "
                            + "and has no other, see sem_overview(7) and mq_overview(7)");
        }
        return name.substring(1);
    }

    static <T> T opened(String what, Supplier<T> opening) {
        try {
            return opening.get();
        } catch (OsException e) {
            throw new ShmException("cannot open " + what + ": " + e.getMessage(), e);
        }
    }

    static Identity identity(FileStatus status) {
        return new Identity.OfFile(status.device(), status.inode(), status.btimeNanos());
    }

    /** Creates something that the kernel counts; says which limits to look at where it refuses. */
    static int limited(IntSupplier creation, String what, String limits) {
        try {
            return creation.getAsInt();
        } catch (OsException e) {
            if (e.is(Errno.EINVAL, Errno.ENOSPC, Errno.ENOMEM, Errno.EMFILE)) {
                throw new ShmException(
                        "cannot create " + what + ": " + e.getMessage() + "; the kernel's limits are in " + limits, e);
            }
            throw e;
        }
    }
}
