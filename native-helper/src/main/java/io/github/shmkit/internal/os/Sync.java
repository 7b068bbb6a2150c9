package io.github.shmkit.internal.os;

import com.sun.jna.Native;

/**
 * Mutexes, conditions and futexes in shared memory.
 *
 * <p>What waits does so for a few milliseconds at most, since no interrupt ends it, and returns an error number instead of
 * throwing: 0 for success, ETIMEDOUT or EAGAIN if it is to be tried again.
 */
public final class Sync {
    public static final int ETIMEDOUT = Errno.ETIMEDOUT;
    public static final int EOWNERDEAD = Errno.EOWNERDEAD;
    public static final int ENOMSG = Errno.ENOMSG;
    /** Bytes of the largest of pthread_mutex_t, pthread_cond_t and sem_t, on all of our architectures. */
    public static final int OBJECT_SIZE = 48;

    private static final int ATTRIBUTE_SIZE = 16;

    private Sync() {}

    /**
     * Whether memory that is mapped can be touched, which it cannot where the object has been truncated.
     *
     * <p>Asks the kernel by a FUTEX_WAKE that wakes nobody: no object has waiters at its second word.
     */
    public static boolean isBacked(long address, int size) {
        long first = address + (size > Integer.BYTES ? Integer.BYTES : 0);
        long last = address + size - Integer.BYTES;
        return isBacked(first) && (first / Os.pageSize() == last / Os.pageSize() || isBacked(last));
    }

    private static boolean isBacked(long address) {
        return SyncLibc.syscall(Constants.SYS_FUTEX, address, Constants.FUTEX_WAKE, 0, new long[2], 0, 0) >= 0
                || Native.getLastError() != Errno.EFAULT;
    }

    public static void mutexInit(long address) {
        byte[] how = new byte[ATTRIBUTE_SIZE];
        require("pthread_mutexattr_init", SyncLibc.pthread_mutexattr_init(how));
        require(
                "pthread_mutexattr_setpshared",
                SyncLibc.pthread_mutexattr_setpshared(how, Constants.PTHREAD_PROCESS_SHARED));
        require(
                "pthread_mutexattr_setrobust",
                SyncLibc.pthread_mutexattr_setrobust(how, Constants.PTHREAD_MUTEX_ROBUST));
        require(
                "pthread_mutexattr_settype",
                SyncLibc.pthread_mutexattr_settype(how, Constants.PTHREAD_MUTEX_ERRORCHECK));
        require("pthread_mutex_init", SyncLibc.pthread_mutex_init(address, how));
    }

    public static int mutexLock(long address, int millis) {
        return millis == 0
                ? SyncLibc.pthread_mutex_trylock(address)
                : SyncLibc.pthread_mutex_timedlock(address, Waits.until(millis));
    }

    public static int mutexUnlock(long address) {
        return SyncLibc.pthread_mutex_unlock(address);
    }

    public static int mutexConsistent(long address) {
        return SyncLibc.pthread_mutex_consistent(address);
    }

    public static void conditionInit(long address) {
        byte[] how = new byte[ATTRIBUTE_SIZE];
        require("pthread_condattr_init", SyncLibc.pthread_condattr_init(how));
        require(
                "pthread_condattr_setpshared",
                SyncLibc.pthread_condattr_setpshared(how, Constants.PTHREAD_PROCESS_SHARED));
        require("pthread_cond_init", SyncLibc.pthread_cond_init(address, how));
    }

    public static int conditionWait(long address, long mutex, int millis) {
        return SyncLibc.pthread_cond_timedwait(address, mutex, Waits.until(millis));
    }

    public static void conditionSignal(long address, boolean all) {
        require(
                "pthread_cond_signal",
                all ? SyncLibc.pthread_cond_broadcast(address) : SyncLibc.pthread_cond_signal(address));
    }

    public static int futexWait(long address, int expected, int millis) {
        return Waits.error(SyncLibc.syscall(
                Constants.SYS_FUTEX,
                address,
                Constants.FUTEX_WAIT,
                Integer.toUnsignedLong(expected),
                Waits.span(millis),
                0,
                0));
    }

    /** How many woke. */
    public static int futexWake(long address, int count) {
        return (int) Os.check(
                "futex",
                "FUTEX_WAKE",
                SyncLibc.syscall(Constants.SYS_FUTEX, address, Constants.FUTEX_WAKE, count, new long[2], 0, 0));
    }

    private static void require(String call, int error) {
        if (error != 0) {
            throw new OsException(call, "", error);
        }
    }
}
