package io.github.shmkit.internal.guard;

import io.github.shmkit.Exit;
import java.util.concurrent.CompletableFuture;

/** A process that the supervisor started. */
public final class Child {
    private final Supervisor supervisor;
    private final int pid;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final OutputBuffer stdout = new OutputBuffer();
    private final OutputBuffer stderr = new OutputBuffer();
    /** Somebody holds it, so that the table of pids need not. */
    volatile boolean claimed;

    Child(Supervisor supervisor, int pid) {
        this.supervisor = supervisor;
        this.pid = pid;
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

    /** Sends a signal to this process, never to another that got its pid. */
    public void signal(int signo) {
        supervisor.signal(pid, signo, false);
    }

    /** Sends a signal to this process and all that it started, unless they left its process group. */
    public void signalGroup(int signo) {
        supervisor.signal(pid, signo, true);
    }
}
