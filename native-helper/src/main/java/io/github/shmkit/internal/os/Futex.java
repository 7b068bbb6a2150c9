package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** Wakes processes that wait on a word of shared memory, see futex(2). */
public final class Futex {
    private static final long SYS_FUTEX = System.getProperty("os.arch", "").equals("aarch64") ? 98 : 202;
    private static final long FUTEX_WAKE = 1;

    static {
        Native.register(Futex.class, NativeLibrary.getProcess());
    }

    private Futex() {}

    private static native long syscall(long number, long address, long operation, long value);

    /** Wakes all who wait on the 4 bytes at that address. */
    public static void wakeAll(long address) {
        Os.check("futex", "FUTEX_WAKE", syscall(SYS_FUTEX, address, FUTEX_WAKE, Integer.MAX_VALUE));
    }
}
