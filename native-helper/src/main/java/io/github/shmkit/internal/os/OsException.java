package io.github.shmkit.internal.os;

import io.github.shmkit.ShmException;
import java.util.Optional;

/** A system call failed. */
public final class OsException extends ShmException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    public OsException(String call, String argument, int errno) {
        super(call + (argument.isEmpty() ? "" : "(" + argument + ")") + ": " + Errno.describe(errno));
        this.call = call;
        this.errno = errno;
    }

    /** The function that failed, by its name in section 2 or 3 of the manual. */
    public String call() {
        return call;
    }

    public int errno() {
        return errno;
    }

    @Override
    public Optional<String> error() {
        return Optional.of(Errno.name(errno));
    }

    public boolean is(int... any) {
        for (int candidate : any) {
            if (candidate == errno) {
                return true;
            }
        }
        return false;
    }
}
