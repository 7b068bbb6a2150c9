package io.github.shmkit.internal.os;

/** Wakes processes that wait on a word of shared memory, see futex(2). */
public final class FutexCalls {

    static {
        Jna.register(FutexCalls.class);
    }

    private FutexCalls() {}

    private static native long syscall(long number, long address, long operation, long value);

    /** Wakes all who wait on the 4 bytes at that address. */
    public static void wakeAll(long address) {
        Os.check("futex", "FUTEX_WAKE", syscall(Constants.SYS_FUTEX, address, Constants.FUTEX_WAKE, Integer.MAX_VALUE));
    }
}
