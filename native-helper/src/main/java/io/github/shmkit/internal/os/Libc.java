package io.github.shmkit.internal.os;

/**
 * The C library, bound directly; on 64-bit Linux size_t, off_t and pointers are all {@code long}.
 *
 * <p>Functions with a variable number of arguments are declared with those that we pass: on x86-64 and aarch64 Linux
 * integers travel the same way in both conventions.
 */
final class Libc {
    static {
        Jna.register(Libc.class);
    }

    private Libc() {}

    static native int openat(int dir, byte[] path, int flags, int mode);

    static native int close(int fd);

    static native long read(int fd, byte[] data, long size);

    static native long write(int fd, byte[] data, long size);

    static native long write(int fd, long data, long size);

    static native long pread(int fd, byte[] data, long size, long offset);

    static native long lseek(int fd, long offset, int whence);

    static native int fcntl(int fd, int command, int argument);

    static native int fallocate(int fd, int mode, long offset, long length);

    static native int posix_fallocate(int fd, long offset, long length);

    static native int ftruncate(int fd, long length);

    static native int pipe2(int[] ends, int flags);

    static native int flock(int fd, int operation);

    static native int mkdirat(int dir, byte[] path, int mode);

    static native int unlinkat(int dir, byte[] path, int flags);

    static native int statx(int dir, byte[] path, int flags, int mask, long buffer);

    static native int statfs(byte[] path, long buffer);

    static native int name_to_handle_at(int dir, byte[] path, long handle, int[] mount, int flags);

    static native int inotify_init1(int flags);

    static native int inotify_add_watch(int fd, byte[] path, int mask);

    static native long getdents64(int fd, long buffer, long size);

    static native int memfd_create(byte[] name, int flags);

    static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

    static native int munmap(long address, long length);

    static native int madvise(long address, long length, int advice);

    static native int shmget(int key, long size, int flags);

    static native long shmat(int id, long address, int flags);

    static native int shmctl(int id, int command, long buffer);

    static native int semctl(int id, int number, int command, long argument);

    static native int msgctl(int id, int command, long buffer);

    static native int prctl(int option, long a, long b, long c, long d);

    static native int getpagesize();

    static native int getpid();

    static native int geteuid();

    static native int getegid();

    static native int socket(int domain, int type, int protocol);

    static native int connect(int fd, byte[] address, int length);

    static native int socketpair(int domain, int type, int protocol, int[] ends);

    static native long send(int fd, byte[] data, long size, int flags);

    static native long sendmsg(int fd, long message, int flags);

    static native long syscall(long number, long a, long b, long c, long d);

    static native int unshare(int flags);

    static native int mount(byte[] source, byte[] target, byte[] type, long flags, long data);

    static native int poll(byte[] fds, long count, int timeoutMillis);

    static native String strerror(int errno);
}
