package io.github.shmkit.internal.os;

/**
 * Numbers of the kernel's and the C library's interfaces, with the names that they have in C.
 *
 * <p>{@code ConstantsTests} compares them with those of the C compiler. They are not jna-platform's, of which the code
 * under test may bring an old version.
 */
final class Constants {
    // --- files ---

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_APPEND = 02000;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;
    static final int AT_SYMLINK_FOLLOW = 0x400;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int MAX_HANDLE_SZ = 128;
    static final int STATX_BASIC_STATS = 0x7ff;
    static final int STATX_BTIME = 0x800;
    static final int SEEK_END = 2;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;
    static final int LOCK_SH = 1;
    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;
    static final int LOCK_UN = 8;
    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;
    static final int F_WRLCK = 1;
    static final int F_SETSIG = 10;
    static final int F_SETLEASE = 1024;
    static final int F_ADD_SEALS = 1033;
    static final int F_SEAL_SEAL = 1;
    static final int F_SEAL_SHRINK = 2;
    static final int F_SEAL_GROW = 4;
    static final int F_SEAL_WRITE = 8;
    static final int SIGURG = 23;

    // --- memory ---

    static final int PROT_NONE = 0;
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_SHARED = 1;
    static final int MAP_PRIVATE = 2;
    static final int MAP_FIXED = 0x10;
    static final int MAP_ANONYMOUS = 0x20;
    static final int MAP_NORESERVE = 0x4000;
    static final int MADV_DONTFORK = 10;
    static final int MFD_CLOEXEC = 1;
    static final int MFD_ALLOW_SEALING = 2;

    // --- System V ---

    static final int IPC_RMID = 0;
    static final int IPC_STAT = 2;
    static final int IPC_CREAT = 01000;
    static final int IPC_EXCL = 02000;
    static final int IPC_NOWAIT = 04000;
    static final int SHM_INFO = 14;
    static final int SHM_REMAP = 040000;
    static final int GETPID = 11;
    static final int GETVAL = 12;
    static final int SETVAL = 16;
    static final int SEM_UNDO = 010000;

    // --- namespaces ---

    static final int CLONE_NEWNS = 0x20000;
    static final long MS_REC = 1 << 14;
    static final long MS_PRIVATE = 1 << 18;

    // --- sockets ---

    static final short POLLIN = 1;
    static final short POLLOUT = 4;
    static final int AF_UNIX = 1;
    static final int SOCK_STREAM = 1;
    static final int SOCK_CLOEXEC = 02000000;
    static final int SOL_SOCKET = 1;
    static final int SCM_RIGHTS = 1;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_NOSIGNAL = 0x4000;

    // --- synchronisation ---

    static final int PTHREAD_PROCESS_SHARED = 1;
    static final int PTHREAD_MUTEX_ROBUST = 1;
    static final int PTHREAD_MUTEX_ERRORCHECK = 2;
    static final int FUTEX_WAIT = 0;
    static final int FUTEX_WAKE = 1;

    // --- system calls ---

    static final int SYS_PIDFD_SEND_SIGNAL = 424;
    static final int SYS_PIDFD_OPEN = 434;

    // --- those that differ between the architectures ---

    static final int O_DIRECTORY;
    static final int O_NOFOLLOW;
    static final int SYS_FUTEX;

    static {
        boolean arm = System.getProperty("os.arch", "").equals("aarch64");
        O_DIRECTORY = arm ? 040000 : 0200000;
        O_NOFOLLOW = arm ? 0100000 : 0400000;
        SYS_FUTEX = arm ? 98 : 202;
    }

    private Constants() {}
}
