package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;

/**
 * A connected Unix stream socket.
 *
 * <p>Not a {@code SocketChannel}: an interrupt of the thread that uses one closes it, and JUnit interrupts tests that
 * take too long.
 */
public final class UnixSocket implements AutoCloseable {
    private static final int PATH_MAX = 107;
    private static final int MSGHDR_SIZE = 56;
    private static final int IOVEC_SIZE = 16;
    private static final int CMSG_SIZE = 24;

    private final int fd;
    private boolean closed;

    UnixSocket(int fd) {
        this.fd = fd;
    }

    /** Connects to the socket with that path. */
    public static UnixSocket connect(String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length > PATH_MAX) {
            throw new IllegalArgumentException("a Unix socket's path has at most " + PATH_MAX + " bytes: " + path);
        }
        byte[] address = new byte[2 + name.length + 1];
        address[0] = Constants.AF_UNIX; // little-endian on both architectures
        System.arraycopy(name, 0, address, 2, name.length);
        int fd = Os.check(
                "socket", "", Libc.socket(Constants.AF_UNIX, Constants.SOCK_STREAM | Constants.SOCK_CLOEXEC, 0));
        int result;
        do {
            result = Libc.connect(fd, address, address.length);
        } while (result < 0 && Native.getLastError() == Errno.EINTR);
        if (result < 0) {
            int error = Native.getLastError();
            Os.close(fd);
            throw new OsException("connect", path, error);
        }
        return new UnixSocket(fd);
    }

    /** Two sockets that are connected with each other. */
    public static UnixSocket[] pair() {
        int[] ends = new int[2];
        Os.check(
                "socketpair",
                "",
                Libc.socketpair(Constants.AF_UNIX, Constants.SOCK_STREAM | Constants.SOCK_CLOEXEC, 0, ends));
        return new UnixSocket[] {new UnixSocket(ends[0]), new UnixSocket(ends[1])};
    }

    /**
     * Writes what the socket takes within a time: how many bytes, perhaps none.
     *
     * <p>A peer that does not read must not block this thread: no interrupt would end that.
     */
    public int write(byte[] data, int offset, int timeoutMillis) {
        byte[] piece = Os.piece(data, offset);
        int done = written(Libc.send(open(), piece, piece.length, Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL));
        if (done == 0 && timeoutMillis > 0 && Os.awaitReady(open(), Constants.POLLOUT, timeoutMillis)) {
            done = written(Libc.send(open(), piece, piece.length, Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL));
        }
        return done;
    }

    /**
     * Writes the beginning of data with a descriptor, of which the peer gets a duplicate: how many bytes, and with 0 the
     * descriptor was not sent either.
     */
    public int writeWithDescriptor(byte[] data, UnixSocket passed, int timeoutMillis) {
        if (!Os.awaitReady(open(), Constants.POLLOUT, timeoutMillis)) {
            return 0;
        }
        try (OffHeap memory = new OffHeap(MSGHDR_SIZE + IOVEC_SIZE + CMSG_SIZE + data.length)) {
            long at = memory.address();
            int iovec = MSGHDR_SIZE;
            int cmsg = iovec + IOVEC_SIZE;
            int bytes = cmsg + CMSG_SIZE;
            memory.view()
                    .putLong(16, at + iovec) // msg_iov, msg_iovlen, msg_control, msg_controllen of struct msghdr
                    .putLong(24, 1)
                    .putLong(32, at + cmsg)
                    .putLong(40, CMSG_SIZE)
                    .putLong(iovec, at + bytes)
                    .putLong(iovec + 8, data.length)
                    .putLong(cmsg, CMSG_SIZE - Integer.BYTES) // CMSG_LEN: without the padding behind
                    .putInt(cmsg + 8, Constants.SOL_SOCKET)
                    .putInt(cmsg + 12, Constants.SCM_RIGHTS)
                    .putInt(cmsg + 16, passed.open())
                    .put(bytes, data);
            return written(Libc.sendmsg(open(), at, Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL));
        }
    }

    private static int written(long result) {
        return Os.transferred("write", "socket", result);
    }

    /** Reads what is there: bytes read, 0 when nothing came within the time, -1 at end of file. */
    public int read(byte[] data, int timeoutMillis) {
        if (!Os.awaitReady(open(), Constants.POLLIN, timeoutMillis)) {
            return 0;
        }
        long size = Libc.read(open(), data, data.length);
        if (size == 0 || (size < 0 && Native.getLastError() == Errno.ECONNRESET)) {
            return -1;
        }
        return Os.transferred("read", "socket", size);
    }

    private int open() {
        if (closed) {
            throw new IllegalStateException("the socket is closed");
        }
        return fd;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Os.close(fd);
        }
    }
}
