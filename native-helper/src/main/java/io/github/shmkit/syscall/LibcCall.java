package io.github.shmkit.syscall;

/**
 * A function of the C library that a native helper can call; names and order are those of {@code proto.h}.
 *
 * <p>Arguments are those of the C function, as numbers unless its manual page says otherwise. Most tests use
 * {@link SysCalls}, which has a method for each.
 *
 * @since 0.1.0
 */
public enum LibcCall {
    /** getpid(2), as the helper sees itself. */
    GETPID(""),
    /** mmap(2). */
    MMAP("piiiii"),
    /** munmap(2). */
    MUNMAP("pi"),
    /** mprotect(2). */
    MPROTECT("pii"),
    /** msync(2). */
    MSYNC("pii"),
    /** mlock(2). */
    MLOCK("pi"),
    /** munlock(2). */
    MUNLOCK("pi"),
    /** madvise(2). */
    MADVISE("pii"),
    /** mremap(2). */
    MREMAP("piiip"),
    /** open(2), always with O_CLOEXEC. */
    OPEN("sii"),
    /** close(2). */
    CLOSE("i"),
    /** read(2). */
    READ("ipn"),
    /** write(2). */
    WRITE("ipn"),
    /** pread(2). */
    PREAD("ipni"),
    /** pwrite(2). */
    PWRITE("ipni"),
    /** lseek(2). */
    LSEEK("iii"),
    /** ftruncate(2). */
    FTRUNCATE("ii"),
    /** truncate(2). */
    TRUNCATE("si"),
    /** fallocate(2). */
    FALLOCATE("iiii"),
    /** posix_fallocate(3). */
    POSIX_FALLOCATE("iii"),
    /** unlink(2). */
    UNLINK("s"),
    /** fstat(2); see {@link SysResult#fileStatus}. */
    FSTAT("ir"),
    /** fchmod(2). */
    FCHMOD("ii"),
    /** shm_open(3). */
    SHM_OPEN("sii"),
    /** shm_unlink(3). */
    SHM_UNLINK("s"),
    /** memfd_create(2). */
    MEMFD_CREATE("si"),
    /** shmget(2). */
    SHMGET("iii"),
    /** shmat(2). */
    SHMAT("ipi"),
    /** shmdt(2). */
    SHMDT("p"),
    /** shmctl(2); see {@link SysResult#segmentStatus}, {@link SysResult#numbers}. */
    SHMCTL("iir"),
    /** ftok(3). */
    FTOK("si"),
    /** umask(2). */
    UMASK("i"),
    /** seteuid(2). */
    SETEUID("i"),
    /** setegid(2). */
    SETEGID("i"),
    /** setgroups(2) with an empty list. */
    SETGROUPS(""),
    /** setrlimit(2). */
    SETRLIMIT("iii"),
    /** unshare(2). */
    UNSHARE("i"),
    /** Mounts a tmpfs of so many bytes on /dev/shm; EPERM in the mount namespace that the helper came from. */
    MOUNT_SHM("i"),
    /** pipe2(2) with O_CLOEXEC; two numbers come back, the read end first. */
    PIPE("r"),
    /** dup2(2). */
    DUP2("ii"),
    /** kill(2); EPERM for pid -1. */
    KILL("ii"),
    /** waitpid(2); one number comes back, the wait status. */
    WAITPID("iir"),
    /** Calls the code at an address, which takes nothing and returns an integer. */
    INVOKE("p"),
    /** execv(3); the arguments are bytes, each with its NUL. */
    EXEC("sp"),
    /** Returns its argument: where a place in a segment is. */
    ADDRESS("p"),
    /** Makes a process-shared, robust, error-checking mutex, see pthread_mutex_init(3). */
    MUTEX_INIT("p"),
    /** pthread_mutex_clocklock(3), with nanoseconds from now; 0 tries only, -1 waits without limit. */
    MUTEX_LOCK("pi"),
    /** pthread_mutex_unlock(3). */
    MUTEX_UNLOCK("p"),
    /** pthread_mutex_consistent(3). */
    MUTEX_CONSISTENT("p"),
    /** Makes a process-shared condition variable, see pthread_cond_init(3). */
    COND_INIT("p"),
    /** pthread_cond_clockwait(3): condition, mutex, nanoseconds from now or -1. */
    COND_WAIT("ppi"),
    /** pthread_cond_signal(3). */
    COND_SIGNAL("p"),
    /** pthread_cond_broadcast(3). */
    COND_BROADCAST("p"),
    /** FUTEX_WAIT of futex(2): address, expected value, nanoseconds or -1. */
    FUTEX_WAIT("pii"),
    /** FUTEX_WAKE of futex(2): address, how many; the value is how many woke. */
    FUTEX_WAKE("pi"),
    /** sem_open(3); the value is the address. */
    SEM_OPEN("siii"),
    /** sem_clockwait(3), with nanoseconds from now; 0 tries only, -1 waits without limit. */
    SEM_WAIT("pi"),
    /** sem_post(3). */
    SEM_POST("p"),
    /** sem_getvalue(3); the value is the semaphore's. */
    SEM_GETVALUE("p"),
    /** sem_close(3). */
    SEM_CLOSE("p"),
    /** sem_unlink(3). */
    SEM_UNLINK("s"),
    /** semget(2). */
    SEMGET("iii"),
    /** semtimedop(2) with one operation: id, index, change, flags, nanoseconds or -1. */
    SEMOP("iiiii"),
    /** semctl(2): id, index, command, a number or a structure; bytes of a GETALL or SETALL are numbers of 16 bits. */
    SEMCTL("iiip"),
    /** mq_open(3): name, flags, mode, messages, bytes in each; with 0 messages the system's defaults. */
    MQ_OPEN("siiii"),
    /** mq_timedsend(3): descriptor, bytes, length, priority, nanoseconds from now or -1. */
    MQ_SEND("ipnii"),
    /** mq_timedreceive(3): descriptor, room, its length, nanoseconds from now or -1; one number comes back, the priority. */
    MQ_RECEIVE("ipnir"),
    /** mq_unlink(3). */
    MQ_UNLINK("s"),
    /** msgget(2). */
    MSGGET("ii"),
    /** msgsnd(2): id, type, bytes, length, flags. */
    MSGSND("iipni"),
    /** msgrcv(2): id, type, room, its length, flags; one number comes back, the type. */
    MSGRCV("iipnir"),
    /** msgctl(2): id, command, a structure. */
    MSGCTL("iir"),
    /** socketpair(2) with SOCK_CLOEXEC: domain, type, protocol; two numbers come back. */
    SOCKETPAIR("iiir"),
    /** mincore(2): address, length, room of a byte for each page; ERANGE if there is less. */
    MINCORE("pip"),
    /** mlockall(2). */
    MLOCKALL("i"),
    /** munlockall(2). */
    MUNLOCKALL(""),
    /** fcntl(2), with a number. */
    FCNTL("iii"),
    /** setuid(2). */
    SETUID("i"),
    /** setgid(2). */
    SETGID("i"),
    /** semtimedop(2): id, operations (each index, change and flags of 16 bits), how many, nanoseconds or -1. */
    SEMTIMEDOP("ipii"),
    /** mq_getattr(3). */
    MQ_GETATTR("ir"),
    /** mq_notify(3): descriptor, SIGEV_NONE, SIGEV_SIGNAL or -1 to take it back, signal. */
    MQ_NOTIFY("iii"),
    /** sigaction(2): signal, SIG_DFL, SIG_IGN or {@link Linux#SIG_COUNT}, flags. */
    SIGACTION("iii"),
    /** How often a signal came for which SIGACTION said {@link Linux#SIG_COUNT}. */
    SIGNALS("i"),
    /** confstr(3): name, room, its length. */
    CONFSTR("ipn");

    private final String signature;

    LibcCall(String signature) {
        this.signature = signature;
    }

    /**
     * What its arguments are, a letter for each: i a number, p an address, s a string, r a structure, n the length of
     * what the address before it points to. A number or place in the stead of a string or structure is an address that the
     * function gets as it is, which may be a bad one.
     *
     * @return as many letters as arguments
     */
    public String signature() {
        return signature;
    }

    /**
     * The function's name, for messages.
     *
     * @return for example {@code shm_open}
     */
    public String function() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
