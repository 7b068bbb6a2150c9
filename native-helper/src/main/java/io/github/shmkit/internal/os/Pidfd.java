package io.github.shmkit.internal.os;

/** A process by a descriptor that means it and never another process with its pid, see pidfd_open(2). */
public final class Pidfd implements AutoCloseable {
    private final int fd;
    private boolean closed;

    private Pidfd(int fd) {
        this.fd = fd;
    }

    /** Opens it; ESRCH if there is no process with that pid. */
    public static Pidfd open(int pid) {
        return new Pidfd(Os.pidfdOpen(pid));
    }

    /**
     * Sends a signal, see pidfd_send_signal(2); false if the process is gone.
     *
     * <p>False after the close as well: the number of the descriptor may mean another process then.
     */
    public synchronized boolean signal(int signo) {
        return !closed && Os.pidfdSignal(fd, signo);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Os.close(fd);
        }
    }
}
