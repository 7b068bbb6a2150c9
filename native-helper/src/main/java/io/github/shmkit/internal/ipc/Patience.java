package io.github.shmkit.internal.ipc;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Sync;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;

/** Waiting in slices, so that an interrupt ends it: JUnit interrupts tests that take too long. */
final class Patience {
    private static final int SLICE_MILLIS = 10;
    private static final long FIRST_PAUSE_NANOS = 20_000;
    private static final long LONGEST_PAUSE_NANOS = 2_000_000;

    private Patience() {}

    /**
     * Tries until it works.
     *
     * @param attempt gets the milliseconds that it may wait, returns an error number
     * @return 0, or EOWNERDEAD
     * @throws ShmException if the time is over, or this thread is interrupted; it stays so
     * @throws OsException for any other error
     */
    static int insist(String what, Duration max, IntUnaryOperator attempt) {
        long start = System.nanoTime();
        long pause = FIRST_PAUSE_NANOS;
        int error = attempt.applyAsInt(0);
        while (true) {
            if (error == 0 || error == Sync.EOWNERDEAD) {
                return error;
            }
            boolean again = error == Sync.ETIMEDOUT
                    || error == Errno.EAGAIN
                    || error == Errno.EINTR
                    || error == Errno.EBUSY
                    || error == Sync.ENOMSG;
            if (!again) {
                throw new OsException(what, "", error);
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new ShmException("interrupted in " + what);
            }
            long left = max.toMillis() - (System.nanoTime() - start) / 1_000_000;
            if (left <= 0) {
                throw new ShmTimeoutException(what + ": nothing came of it within " + max.toMillis() + " ms");
            }
            long before = System.nanoTime();
            error = attempt.applyAsInt((int) Math.min(SLICE_MILLIS, left));
            if (error == Sync.ENOMSG || System.nanoTime() - before < FIRST_PAUSE_NANOS) {
                LockSupport.parkNanos(pause); // it cannot wait by itself
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
        }
    }
}
