package io.github.shmkit.internal.os;

/** Unnamed POSIX semaphores, which named ones are in their file. */
public final class PosixSemaphores {
    /** Bytes of sem_t, which is how long the file of a named semaphore is. */
    public static final int SIZE = 32;

    private PosixSemaphores() {}

    public static void init(long address, int value) {
        Os.check(
                "sem_init",
                Integer.toString(value),
                SyncLibc.sem_init(address, Constants.PTHREAD_PROCESS_SHARED, value));
    }

    public static int await(long address, int millis) {
        return Waits.error(SyncLibc.sem_timedwait(address, millis == 0 ? new long[2] : Waits.until(millis)));
    }

    public static void post(long address) {
        Os.check("sem_post", "", SyncLibc.sem_post(address));
    }

    public static int value(long address) {
        int[] value = new int[1];
        Os.check("sem_getvalue", "", SyncLibc.sem_getvalue(address, value));
        return value[0];
    }
}
