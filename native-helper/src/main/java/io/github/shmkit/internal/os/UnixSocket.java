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
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int PATH_MAX = 107;
    private static final short POLLIN = 1;

    private final int fd;
    private boolean closed;

    private UnixSocket(int fd) {
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

    /** Writes all of it. */
    public void write(byte[] data, int offset, int length) {
        byte[] rest = offset == 0 ? data : java.util.Arrays.copyOfRange(data, offset, offset + length);
        int left = length;
        while (left > 0) {
            long written = Libc.write(open(), rest, left);
            if (written < 0 && Native.getLastError() == Errno.EINTR) {
                continue;
            }
            int done = (int) Os.check("write", "socket", written);
            left -= done;
            if (left > 0) {
                rest = java.util.Arrays.copyOfRange(rest, done, done + left);
            }
        }
    }

    /** Reads what is there: bytes read, 0 when nothing came within the time, -1 at end of file. */
    public int read(byte[] data, int offset, int length, int timeoutMillis) {
        byte[] pollfd = {(byte) open(), (byte) (fd >> 8), (byte) (fd >> 16), (byte) (fd >> 24), POLLIN, 0, 0, 0};
        int ready = Libc.poll(pollfd, 1, timeoutMillis);
        if (ready == 0 || (ready < 0 && Native.getLastError() == Errno.EINTR)) {
            return 0;
        }
        Os.check("poll", "socket", ready);
        byte[] into = offset == 0 ? data : new byte[length];
        long size = Libc.read(open(), into, length);
        if (size < 0 && Native.getLastError() == Errno.EINTR) {
            return 0;
        }
        if (size < 0 && Native.getLastError() == ECONNRESET) {
            return -1;
        }
        int got = (int) Os.check("read", "socket", size);
        if (got == 0) {
            return -1;
        }
        if (into != data) {
            System.arraycopy(into, 0, data, offset, got);
        }
        return got;
    }

    private static final int ECONNRESET = com.sun.jna.platform.linux.ErrNo.ECONNRESET;

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
