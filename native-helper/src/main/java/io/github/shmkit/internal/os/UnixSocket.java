package io.github.shmkit.internal.os;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;

/**
 * A connected Unix stream socket.
 *
 * <p>Not a {@code SocketChannel}: an interrupt of the thread that uses one closes it, and JUnit interrupts tests that
 * take too long.
 */
public final class UnixSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int PATH_MAX = 107;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSGHDR_SIZE = 56;
    private static final int IOVEC_SIZE = 16;
    private static final int CMSG_SIZE = 24;
    private static final int ECONNRESET = com.sun.jna.platform.linux.ErrNo.ECONNRESET;

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
        address[0] = AF_UNIX; // little-endian on both architectures
        System.arraycopy(name, 0, address, 2, name.length);
        int fd = Os.check("socket", "", Libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
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
        Os.check("socketpair", "", Libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
        return new UnixSocket[] {new UnixSocket(ends[0]), new UnixSocket(ends[1])};
    }

    /**
     * Writes what the socket takes within a time: how many bytes, perhaps none.
     *
     * <p>A peer that does not read must not block this thread: no interrupt would end that.
     */
    public int write(byte[] data, int offset, int timeoutMillis) {
        byte[] piece = Os.piece(data, offset);
        int done = written(Libc.send(open(), piece, piece.length, MSG_DONTWAIT | MSG_NOSIGNAL));
        if (done == 0 && timeoutMillis > 0 && Os.awaitReady(open(), Os.POLLOUT, timeoutMillis)) {
            done = written(Libc.send(open(), piece, piece.length, MSG_DONTWAIT | MSG_NOSIGNAL));
        }
        return done;
    }

    /**
     * Writes the beginning of data with a descriptor, of which the peer gets a duplicate: how many bytes, and with 0 the
     * descriptor was not sent either.
     */
    public int writeWithDescriptor(byte[] data, UnixSocket passed, int timeoutMillis) {
        if (!Os.awaitReady(open(), Os.POLLOUT, timeoutMillis)) {
            return 0;
        }
        try (Memory memory = new Memory(MSGHDR_SIZE + IOVEC_SIZE + CMSG_SIZE + data.length)) {
            long at = Pointer.nativeValue(memory);
            long iovec = MSGHDR_SIZE;
            long cmsg = iovec + IOVEC_SIZE;
            long bytes = cmsg + CMSG_SIZE;
            memory.clear();
            memory.setLong(16, at + iovec); // msg_iov, msg_iovlen, msg_control, msg_controllen of struct msghdr
            memory.setLong(24, 1);
            memory.setLong(32, at + cmsg);
            memory.setLong(40, CMSG_SIZE);
            memory.setLong(iovec, at + bytes);
            memory.setLong(iovec + 8, data.length);
            memory.setLong(cmsg, CMSG_SIZE - Integer.BYTES); // CMSG_LEN: without the padding behind
            memory.setInt(cmsg + 8, SOL_SOCKET);
            memory.setInt(cmsg + 12, SCM_RIGHTS);
            memory.setInt(cmsg + 16, passed.open());
            memory.write(bytes, data, 0, data.length);
            return written(Libc.sendmsg(open(), at, MSG_DONTWAIT | MSG_NOSIGNAL));
        }
    }

    private static int written(long result) {
        return Os.transferred("write", "socket", result);
    }

    /** Reads what is there: bytes read, 0 when nothing came within the time, -1 at end of file. */
    public int read(byte[] data, int timeoutMillis) {
        if (!Os.awaitReady(open(), Os.POLLIN, timeoutMillis)) {
            return 0;
        }
        long size = Libc.read(open(), data, data.length);
        if (size == 0 || (size < 0 && Native.getLastError() == ECONNRESET)) {
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
