package io.github.shmkit.syscall;

/**
 * Numbers that Linux gives to flags and commands, for {@link SysCalls}; the same on x86-64 and aarch64.
 *
 * <p>Names are those of the manual pages.
 *
 * @since 0.1.0
 */
@SuppressWarnings("MissingSummary")
public final class Linux {
    private Linux() {}

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_RDONLY = 0;

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_WRONLY = 1;

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_RDWR = 2;

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_CREAT = 0100;

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_EXCL = 0200;

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_TRUNC = 01000;

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_APPEND = 02000;

    /** See open(2), shm_open(3), mq_open(3). */
    public static final int O_NONBLOCK = 04000;

    /** See mmap(2), mprotect(2). */
    public static final int PROT_NONE = 0;

    /** See mmap(2), mprotect(2). */
    public static final int PROT_READ = 1;

    /** See mmap(2), mprotect(2). */
    public static final int PROT_WRITE = 2;

    /** See mmap(2), mprotect(2). */
    public static final int PROT_EXEC = 4;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_SHARED = 1;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_PRIVATE = 2;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_SHARED_VALIDATE = 3;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_FIXED = 0x10;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_ANONYMOUS = 0x20;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_NORESERVE = 0x4000;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_POPULATE = 0x8000;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_HUGETLB = 0x40000;

    /** See mmap(2), mprotect(2). */
    public static final int MAP_FIXED_NOREPLACE = 0x100000;

    /** See mremap(2). */
    public static final int MREMAP_MAYMOVE = 1;

    /** See mremap(2). */
    public static final int MREMAP_FIXED = 2;

    /** See msync(2). */
    public static final int MS_ASYNC = 1;

    /** See msync(2). */
    public static final int MS_INVALIDATE = 2;

    /** See msync(2). */
    public static final int MS_SYNC = 4;

    /** See madvise(2). */
    public static final int MADV_DONTNEED = 4;

    /** See madvise(2). */
    public static final int MADV_REMOVE = 9;

    /** See madvise(2). */
    public static final int MADV_DONTFORK = 10;

    /** See madvise(2). */
    public static final int MADV_DOFORK = 11;

    /** See lseek(2). */
    public static final int SEEK_SET = 0;

    /** See lseek(2). */
    public static final int SEEK_CUR = 1;

    /** See lseek(2). */
    public static final int SEEK_END = 2;

    /** See fallocate(2). */
    public static final int FALLOC_FL_KEEP_SIZE = 1;

    /** See fallocate(2). */
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    /** See memfd_create(2). */
    public static final int MFD_CLOEXEC = 1;

    /** See memfd_create(2). */
    public static final int MFD_ALLOW_SEALING = 2;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int IPC_PRIVATE = 0;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int IPC_CREAT = 01000;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int IPC_EXCL = 02000;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int IPC_NOWAIT = 04000;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int SHM_HUGETLB = 04000;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int SHM_NORESERVE = 010000;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int SHM_HUGE_2MB = 21 << 26;

    /** See shmget(2), semget(2), msgget(2). */
    public static final int SHM_HUGE_1GB = 30 << 26;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int IPC_RMID = 0;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int IPC_SET = 1;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int IPC_STAT = 2;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int IPC_INFO = 3;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int SHM_LOCK = 11;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int SHM_UNLOCK = 12;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int SHM_STAT = 13;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int SHM_INFO = 14;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int SHM_STAT_ANY = 15;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int SHM_DEST = 01000;

    /** See shmctl(2), semctl(2), msgctl(2). */
    public static final int SHM_LOCKED = 02000;

    /** See shmat(2). */
    public static final int SHM_RDONLY = 010000;

    /** See shmat(2). */
    public static final int SHM_RND = 020000;

    /** See shmat(2). */
    public static final int SHM_REMAP = 040000;

    /** See shmat(2). */
    public static final int SHM_EXEC = 0100000;

    /** See unshare(2). */
    public static final int CLONE_NEWNS = 0x20000;

    /** See unshare(2). */
    public static final int CLONE_NEWIPC = 0x8000000;

    /** See unshare(2). */
    public static final int CLONE_NEWUSER = 0x10000000;

    /** See unshare(2). */
    public static final int CLONE_NEWPID = 0x20000000;

    /** See setrlimit(2). */
    public static final int RLIMIT_FSIZE = 1;

    /** See setrlimit(2). */
    public static final int RLIMIT_DATA = 2;

    /** See setrlimit(2). */
    public static final int RLIMIT_CORE = 4;

    /** See setrlimit(2). */
    public static final int RLIMIT_NPROC = 6;

    /** See setrlimit(2). */
    public static final int RLIMIT_NOFILE = 7;

    /** See setrlimit(2). */
    public static final int RLIMIT_MEMLOCK = 8;

    /** See setrlimit(2). */
    public static final int RLIMIT_AS = 9;

    /** See setrlimit(2). */
    public static final int RLIMIT_MSGQUEUE = 12;

    /** See socketpair(2). */
    public static final int AF_UNIX = 1;

    /** See socketpair(2). */
    public static final int SOCK_STREAM = 1;

    /** See socketpair(2). */
    public static final int SOCK_DGRAM = 2;

    /** See socketpair(2). */
    public static final int SOCK_SEQPACKET = 5;

    /** See waitpid(2). */
    public static final int WNOHANG = 1;

    /** See semop(2), semctl(2). */
    public static final int SEM_UNDO = 010000;

    /** See semop(2), semctl(2). */
    public static final int GETPID = 11;

    /** See semop(2), semctl(2). */
    public static final int GETVAL = 12;

    /** See semop(2), semctl(2). */
    public static final int GETNCNT = 14;

    /** See semop(2), semctl(2). */
    public static final int GETZCNT = 15;

    /** See semop(2), semctl(2). */
    public static final int SETVAL = 16;

    /** See semctl(2). */
    public static final int GETALL = 13;

    /** See semctl(2). */
    public static final int SETALL = 17;

    /** See semctl(2). */
    public static final int SEM_STAT = 18;

    /** See semctl(2). */
    public static final int SEM_INFO = 19;

    /** See semctl(2). */
    public static final int SEM_STAT_ANY = 20;

    /** See msgctl(2). */
    public static final int MSG_STAT = 11;

    /** See msgctl(2). */
    public static final int MSG_INFO = 12;

    /** See msgctl(2). */
    public static final int MSG_STAT_ANY = 13;

    /** See msgrcv(2). */
    public static final int MSG_NOERROR = 010000;

    /** See msgrcv(2). */
    public static final int MSG_EXCEPT = 020000;

    /** See mlockall(2). */
    public static final int MCL_CURRENT = 1;

    /** See mlockall(2). */
    public static final int MCL_FUTURE = 2;

    /** See fcntl(2). */
    public static final int F_GETFD = 1;

    /** See fcntl(2). */
    public static final int F_SETFD = 2;

    /** See fcntl(2). */
    public static final int F_GETFL = 3;

    /** See fcntl(2). */
    public static final int F_SETFL = 4;

    /** See fcntl(2). */
    public static final int F_ADD_SEALS = 1033;

    /** See fcntl(2). */
    public static final int F_GET_SEALS = 1034;

    /** See fcntl(2). */
    public static final int F_SEAL_SEAL = 1;

    /** See fcntl(2). */
    public static final int F_SEAL_SHRINK = 2;

    /** See fcntl(2). */
    public static final int F_SEAL_GROW = 4;

    /** See fcntl(2). */
    public static final int F_SEAL_WRITE = 8;

    /** See fcntl(2). */
    public static final int F_SEAL_FUTURE_WRITE = 0x10;

    /** See mq_notify(3), sigevent(7). */
    public static final int SIGEV_SIGNAL = 0;

    /** See mq_notify(3), sigevent(7). */
    public static final int SIGEV_NONE = 1;

    /** See sigaction(2). */
    public static final int SIG_DFL = 0;

    /** See sigaction(2). */
    public static final int SIG_IGN = 1;

    /** See sigaction(2). */
    public static final int SA_RESTART = 0x10000000;

    /** See confstr(3), where it is _CS_GNU_LIBC_VERSION. */
    public static final int CS_GNU_LIBC_VERSION = 2;

    /** What {@link SysCalls#sigaction} can do besides: count the signal, for {@link SysCalls#signals}; not of Linux. */
    public static final int SIG_COUNT = 2;
}
