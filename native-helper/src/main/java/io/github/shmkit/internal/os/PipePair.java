package io.github.shmkit.internal.os;

/**
 * A connection with another process of this user: two pipes, one each way.
 *
 * <p>The other one opens its ends by their paths, as any file. Of a socket it would need what the JDK brings for sockets,
 * which takes a JVM as long to load as all else that it does at its start. Here only those that may look into this process
 * can open them, see proc_pid_fd(5).
 */
public final class PipePair implements AutoCloseable {
    private static final int CLOSED = -1;

    /** What we read; then where the peer writes. */
    private final int[] incoming = new int[2];

    private final InputPipe outgoing;

    /** Both without a peer yet. */
    public PipePair() {
        Os.check("pipe2", "", Libc.pipe2(incoming, Os.O_CLOEXEC | Constants.O_NONBLOCK));
        try {
            outgoing = new InputPipe();
        } catch (OsException e) {
            Os.close(incoming[0]);
            Os.close(incoming[1]);
            throw e;
        }
    }

    /** Where the peer opens what it reads; whether we block is nothing to it. */
    public String peerReads() {
        return outgoing.peerReads();
    }

    /** Where the peer opens what it writes to. */
    public String peerWrites() {
        return ProcFs.self() + "/fd/" + incoming[1];
    }

    /** The peer has opened both: from now on its end is the end of what we read. */
    public void closePeersEnds() {
        outgoing.closePeersEnd();
        close(incoming, 1);
    }

    /**
     * Writes what the pipe takes within a time: how many bytes, perhaps none.
     *
     * <p>A peer that does not read must not block this thread: no interrupt would end that.
     */
    public int write(byte[] data, int offset, int timeoutMillis) {
        return outgoing.write(data, offset, timeoutMillis);
    }

    /** Reads what is there: bytes read, 0 when nothing came within the time, -1 at end of file. */
    public int read(byte[] data, int timeoutMillis) {
        if (!Os.awaitReady(open(incoming[0]), Constants.POLLIN, timeoutMillis)) {
            return 0;
        }
        long size = Libc.read(incoming[0], data, data.length);
        if (size == 0) {
            return -1;
        }
        return Os.transferred("read", "pipe", size);
    }

    private static int open(int fd) {
        if (fd == CLOSED) {
            throw new IllegalStateException("the pipes are closed");
        }
        return fd;
    }

    private static void close(int[] pipe, int end) {
        if (pipe[end] != CLOSED) {
            Os.close(pipe[end]);
            pipe[end] = CLOSED;
        }
    }

    @Override
    public void close() {
        for (int end = 0; end < 2; end++) {
            close(incoming, end);
        }
        outgoing.close();
    }
}
