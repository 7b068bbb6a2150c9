package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A Unix stream socket that others connect to. */
public final class UnixListener implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int PATH_MAX = 107;
    private static final int BACKLOG = 128;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int UCRED_SIZE = 12;
    private static final short POLLIN = 1;

    static {
        Native.register(UnixListener.class, NativeLibrary.getProcess());
    }

    private final int fd;
    private boolean closed;

    /**
     * A connection and who made it, as of SO_PEERCRED.
     *
     * @param pid as this process sees it; 0 if it is of another pid namespace
     */
    public record Accepted(UnixSocket socket, int pid, int uid) {}

    private UnixListener(int fd) {
        this.fd = fd;
    }

    private static native int bind(int fd, byte[] address, int length);

    private static native int listen(int fd, int backlog);

    private static native int accept4(int fd, long address, long length, int flags);

    private static native int getsockopt(int fd, int level, int option, byte[] value, int[] length);

    /** Listens at a path where nothing is yet; removing the name is the caller's business. */
    public static UnixListener bind(String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length > PATH_MAX) {
            throw new IllegalArgumentException("a Unix socket's path has at most " + PATH_MAX + " bytes: " + path);
        }
        byte[] address = new byte[2 + name.length + 1];
        address[0] = AF_UNIX; // little-endian on both architectures
        System.arraycopy(name, 0, address, 2, name.length);
        int fd = Os.check("socket", "", Libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        try {
            Os.check("bind", path, bind(fd, address, address.length));
            Os.check("listen", path, listen(fd, BACKLOG));
            return new UnixListener(fd);
        } catch (OsException e) {
            Os.close(fd);
            throw e;
        }
    }

    /** The next connection, if one comes within the time. */
    public synchronized Optional<Accepted> accept(int timeoutMillis) {
        if (closed) {
            return Optional.empty();
        }
        byte[] pollfd = {(byte) fd, (byte) (fd >> 8), (byte) (fd >> 16), (byte) (fd >> 24), POLLIN, 0, 0, 0};
        if (Libc.poll(pollfd, 1, timeoutMillis) <= 0) {
            return Optional.empty();
        }
        int accepted = accept4(fd, 0, 0, SOCK_CLOEXEC);
        if (accepted < 0) {
            return Optional.empty(); // it is gone again
        }
        byte[] peer = new byte[UCRED_SIZE];
        if (getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, peer, new int[] {UCRED_SIZE}) < 0) {
            Os.close(accepted);
            return Optional.empty();
        }
        ByteBuffer credentials = ByteBuffer.wrap(peer).order(ByteOrder.nativeOrder());
        return Optional.of(new Accepted(new UnixSocket(accepted), credentials.getInt(), credentials.getInt()));
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Os.close(fd);
        }
    }
}
