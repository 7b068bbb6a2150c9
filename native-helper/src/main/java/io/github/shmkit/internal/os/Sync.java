package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/**
 * Synchronisation objects of the C library.
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
    /** Bytes of sem_t, which is how long the file of a named semaphore is. */
    public static final int SEMAPHORE_SIZE = 32;

    private static final int ATTRIBUTE_SIZE = 16;
    private static final int MSQID_DS_SIZE = 256;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private Sync() {}

    // --- in shared memory ---

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
                : SyncLibc.pthread_mutex_timedlock(address, until(millis));
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
        return SyncLibc.pthread_cond_timedwait(address, mutex, until(millis));
    }

    public static void conditionSignal(long address, boolean all) {
        require(
                "pthread_cond_signal",
                all ? SyncLibc.pthread_cond_broadcast(address) : SyncLibc.pthread_cond_signal(address));
    }

    public static int futexWait(long address, int expected, int millis) {
        return error(SyncLibc.syscall(
                Constants.SYS_FUTEX,
                address,
                Constants.FUTEX_WAIT,
                Integer.toUnsignedLong(expected),
                span(millis),
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

    // --- POSIX semaphores ---

    public static void semaphoreInit(long address, int value) {
        Os.check(
                "sem_init",
                Integer.toString(value),
                SyncLibc.sem_init(address, Constants.PTHREAD_PROCESS_SHARED, value));
    }

    public static int semaphoreWait(long address, int millis) {
        return error(SyncLibc.sem_timedwait(address, millis == 0 ? new long[2] : until(millis)));
    }

    public static void semaphorePost(long address) {
        Os.check("sem_post", "", SyncLibc.sem_post(address));
    }

    public static int semaphoreValue(long address) {
        int[] value = new int[1];
        Os.check("sem_getvalue", "", SyncLibc.sem_getvalue(address, value));
        return value[0];
    }

    // --- System V semaphores ---

    /** A new set; EEXIST if the key is taken. */
    public static int semaphoreSetCreate(int key, int count, int mode) {
        return Os.check(
                "semget",
                "0x" + Integer.toHexString(key) + ", " + count,
                SyncLibc.semget(key, count, Constants.IPC_CREAT | Constants.IPC_EXCL | mode));
    }

    public static int semaphoreSetChange(int id, int index, int change, boolean undo, int millis) {
        short flags = (short) ((undo ? Constants.SEM_UNDO : 0) | (millis == 0 ? Constants.IPC_NOWAIT : 0));
        return error(SyncLibc.semtimedop(id, new short[] {(short) index, (short) change, flags}, 1, span(millis)));
    }

    public static int semaphoreSetValue(int id, int index) {
        return Os.check("semctl", id + ", GETVAL", SyncLibc.semctl(id, index, Constants.GETVAL, 0));
    }

    public static void semaphoreSetValue(int id, int index, int value) {
        Os.check("semctl", id + ", SETVAL", SyncLibc.semctl(id, index, Constants.SETVAL, value));
    }

    public static void semaphoreSetRemove(int id) {
        SyncLibc.semctl(id, 0, Constants.IPC_RMID, 0); // gone already is as good
    }

    /**
     * What semctl(2) knows of a set.
     *
     * @param key of semget(2)
     * @param size how many semaphores it has
     * @param changed seconds since 1970 of its creation, or of the last IPC_SET or SETALL
     */
    public record SetStatus(int key, int size, long changed) {}

    /** The set's status; EINVAL if there is none. */
    public static SetStatus semaphoreSetStatus(int id) {
        boolean aarch64 = System.getProperty("os.arch", "").equals("aarch64");
        try (OffHeap status = new OffHeap(MSQID_DS_SIZE)) {
            Os.check("semctl", id + ", IPC_STAT", SyncLibc.semctl(id, 0, Constants.IPC_STAT, status.address()));
            ByteBuffer fields = status.view();
            return new SetStatus(
                    fields.getInt(0), (int) fields.getLong(aarch64 ? 64 : 80), fields.getLong(aarch64 ? 56 : 64));
        }
    }

    // --- POSIX message queues ---

    /** A new queue's descriptor. */
    public static int queueCreate(String name, int mode, int messages, int size) {
        return Os.check(
                "mq_open",
                name,
                SyncLibc.mq_open(Os.cString(name), Os.O_RDWR | Os.O_CREAT | Os.O_EXCL | Os.O_CLOEXEC, mode, new long[] {
                    0, messages, size, 0, 0, 0, 0, 0
                }));
    }

    /** A descriptor of a queue that somebody made. */
    public static int queueOpen(String name) {
        return Os.check("mq_open", name, SyncLibc.mq_open(Os.cString(name), Os.O_RDWR | Os.O_CLOEXEC, 0, new long[8]));
    }

    /**
     * What a queue can hold.
     *
     * @param messages how many
     * @param messageSize bytes of each, at most
     */
    public record QueueRoom(int messages, int messageSize) {}

    public static QueueRoom queueRoom(int queue) {
        long[] how = new long[8];
        Os.check("mq_getattr", Integer.toString(queue), SyncLibc.mq_getattr(queue, how));
        return new QueueRoom((int) how[1], (int) how[2]);
    }

    public static int queueSend(int queue, byte[] message, int priority, int millis) {
        return error(SyncLibc.mq_timedsend(queue, message, message.length, priority, until(millis)));
    }

    /** Receives into the buffer: its length, or the negative error number; the priority goes where it is told. */
    public static int queueReceive(int queue, byte[] buffer, int[] priority, int millis) {
        long size = SyncLibc.mq_timedreceive(queue, buffer, buffer.length, priority, until(millis));
        return size < 0 ? -Native.getLastError() : (int) size;
    }

    public static void queueUnlink(String name) {
        SyncLibc.mq_unlink(Os.cString(name)); // gone already is as good
    }

    // --- System V message queues ---

    /** A new queue; EEXIST if the key is taken. */
    public static int messagesCreate(int key, int mode) {
        return Os.check(
                "msgget",
                "0x" + Integer.toHexString(key),
                SyncLibc.msgget(key, Constants.IPC_CREAT | Constants.IPC_EXCL | mode));
    }

    public static int messagesSend(int id, long type, byte[] text) {
        byte[] message = ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.nativeOrder())
                .putLong(type)
                .put(text)
                .array();
        return error(SyncLibc.msgsnd(id, message, text.length, Constants.IPC_NOWAIT));
    }

    /** Receives into the buffer, whose first 8 bytes get the type: the length of the text, or the negative error number. */
    public static int messagesReceive(int id, long type, byte[] buffer) {
        long size = SyncLibc.msgrcv(id, buffer, buffer.length - Long.BYTES, type, Constants.IPC_NOWAIT);
        return size < 0 ? -Native.getLastError() : (int) size;
    }

    public static void messagesRemove(int id) {
        SyncLibc.msgctl(id, Constants.IPC_RMID, new byte[MSQID_DS_SIZE]); // gone already is as good
    }

    /**
     * What msgctl(2) knows of a queue.
     *
     * @param key of msgget(2)
     * @param changed seconds since 1970 of its creation, or of the last IPC_SET
     */
    public record MessagesStatus(int key, long changed) {}

    /** The queue's status; EINVAL if there is none. */
    public static MessagesStatus messagesStatus(int id) {
        byte[] status = new byte[MSQID_DS_SIZE];
        Os.check("msgctl", id + ", IPC_STAT", SyncLibc.msgctl(id, Constants.IPC_STAT, status));
        ByteBuffer fields = ByteBuffer.wrap(status).order(ByteOrder.nativeOrder());
        return new MessagesStatus(fields.getInt(0), fields.getLong(64));
    }

    // --- helpers ---

    private static int error(long result) {
        return result < 0 ? Native.getLastError() : 0;
    }

    private static void require(String call, int error) {
        if (error != 0) {
            throw new OsException(call, "", error);
        }
    }

    private static long[] span(int millis) {
        return new long[] {millis / 1000, millis % 1000 * NANOS_PER_MILLI};
    }

    /** By the clock that these functions know. */
    private static long[] until(int millis) {
        Instant end = Instant.now().plusMillis(millis);
        return new long[] {end.getEpochSecond(), end.getNano()};
    }
}
