package io.github.shmkit.internal.os;

/** A pipe that another process of this user reads, which opens its end by a path. */
public final class InputPipe implements AutoCloseable {
    private static final int CLOSED = -1;

    /** What the peer reads; then where we write. */
    private final int[] ends = new int[2];

    /** Without a peer yet. */
    public InputPipe() {
        Os.check("pipe2", "", Libc.pipe2(ends, Os.O_CLOEXEC | Constants.O_NONBLOCK));
    }

    /** Where the peer opens what it reads; that we do not block is nothing to it. */
    public String peerReads() {
        return ProcFs.self() + "/fd/" + ends[0];
    }

    /** The peer has opened its end: from now on nobody reads when it does not. */
    public synchronized void closePeersEnd() {
        close(0);
    }

    /**
     * Writes what the pipe takes within a time: how many bytes, perhaps none.
     *
     * @throws OsException EPIPE if nobody reads any more
     */
    public synchronized int write(byte[] data, int offset, int timeoutMillis) {
        if (ends[1] == CLOSED) {
            throw new IllegalStateException("the pipe is closed");
        }
        byte[] piece = Os.piece(data, offset);
        int done = Os.transferred("write", "pipe", Libc.write(ends[1], piece, piece.length));
        if (done == 0 && timeoutMillis > 0 && Os.awaitReady(ends[1], Constants.POLLOUT, timeoutMillis)) {
            done = Os.transferred("write", "pipe", Libc.write(ends[1], piece, piece.length));
        }
        return done;
    }

    private void close(int end) {
        if (ends[end] != CLOSED) {
            Os.close(ends[end]);
            ends[end] = CLOSED;
        }
    }

    /** The peer reads what was written, and then the end of the file. */
    @Override
    public synchronized void close() {
        close(0);
        close(1);
    }
}
