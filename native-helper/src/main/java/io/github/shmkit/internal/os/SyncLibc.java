package io.github.shmkit.internal.os;

/** The C library's synchronisation objects; apart from {@link Libc}, which must load where some of these are missing. */
final class SyncLibc {
    static {
        Jna.register(SyncLibc.class);
    }

    private SyncLibc() {}

    static native int pthread_mutexattr_init(byte[] how);

    static native int pthread_mutexattr_setpshared(byte[] how, int shared);

    static native int pthread_mutexattr_setrobust(byte[] how, int robust);

    static native int pthread_mutexattr_settype(byte[] how, int type);

    static native int pthread_mutex_init(long mutex, byte[] how);

    static native int pthread_mutex_timedlock(long mutex, long[] until);

    static native int pthread_mutex_trylock(long mutex);

    static native int pthread_mutex_unlock(long mutex);

    static native int pthread_mutex_consistent(long mutex);

    static native int pthread_condattr_init(byte[] how);

    static native int pthread_condattr_setpshared(byte[] how, int shared);

    static native int pthread_cond_init(long condition, byte[] how);

    static native int pthread_cond_timedwait(long condition, long mutex, long[] until);

    static native int pthread_cond_signal(long condition);

    static native int pthread_cond_broadcast(long condition);

    static native long syscall(long number, long address, long operation, long value, long[] most, long a, long b);

    static native int sem_init(long semaphore, int shared, int value);

    static native int sem_timedwait(long semaphore, long[] until);

    static native int sem_post(long semaphore);

    static native int sem_getvalue(long semaphore, int[] value);

    static native int semget(int key, int count, int flags);

    static native int semtimedop(int id, short[] operation, long count, long[] most);

    static native int semctl(int id, int index, int command, long argument);

    static native int mq_open(byte[] name, int flags, int mode, long[] how);

    static native int mq_timedsend(int queue, byte[] message, long size, int priority, long[] until);

    static native long mq_timedreceive(int queue, byte[] message, long size, int[] priority, long[] until);

    static native int mq_getattr(int queue, long[] how);

    static native int mq_unlink(byte[] name);

    static native int msgget(int key, int flags);

    static native int msgsnd(int id, byte[] message, long size, int flags);

    static native long msgrcv(int id, byte[] message, long size, long type, int flags);

    static native int msgctl(int id, int command, byte[] status);
}
