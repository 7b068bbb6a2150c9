package io.github.shmkit.internal.guard;

import io.github.shmkit.process.Exit;
import java.util.concurrent.CompletableFuture;

/** A process that the supervisor started, or one that such a process forked. */
public final class Child {
    private final Signals signals;
    private final Runnable flush;
    private final int pid;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final OutputBuffer stdout;
    private final OutputBuffer stderr;
    /** Somebody holds it, so that the table of pids need not. */
    volatile boolean claimed;

    /** How signals are sent to it. */
    public interface Signals {
        /** Sends a signal to the process, or to its whole group. */
        void send(int pid, int signo, boolean group);
    }

    private Child(Signals signals, Runnable flush, int pid, OutputBuffer stdout, OutputBuffer stderr) {
        this.signals = signals;
        this.flush = flush;
        this.pid = pid;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    Child(Supervisor supervisor, int pid) {
        this(supervisor::signal, () -> supervisor.flush(pid), pid, new OutputBuffer(), new OutputBuffer());
    }

    /**
     * A process that this one forked, and that writes where this one does.
     *
     * @param forkedPid its pid, as this JVM sees it
     * @param how signals reach it, which the supervisor does not know
     */
    public Child forked(int forkedPid, Signals how) {
        return new Child(how, flush, forkedPid, stdout, stderr);
    }

    public int pid() {
        return pid;
    }

    /** Completes with the true wait status; exceptionally if the supervisor itself was lost. */
    public CompletableFuture<Exit> exit() {
        return exit;
    }

    public OutputBuffer stdout() {
        return stdout;
    }

    public OutputBuffer stderr() {
        return stderr;
    }

    /** Waits until what it has written until now is in the buffers: it comes by another way than its answers. */
    public void flush() {
        if (!exit.isDone()) { // then it is there
            flush.run();
        }
    }

    /** Sends a signal to this process, never to another that got its pid. */
    public void signal(int signo) {
        signals.send(pid, signo, false);
    }

    /** Sends a signal to this process and all that it started, unless they left its process group. */
    public void signalGroup(int signo) {
        signals.send(pid, signo, true);
    }
}
