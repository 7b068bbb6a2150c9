package io.github.shmkit.maven.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A console that keeps what it is told; lines begin with their level. */
final class Log implements Console {
    private final List<String> lines = new ArrayList<>();
    private final Optional<Terminal> terminal;

    Log() {
        this(Optional.empty());
    }

    Log(Optional<Terminal> terminal) {
        this.terminal = terminal;
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    /** Waits for a line; a test's timeout bounds it. */
    synchronized void await(int count) throws InterruptedException {
        while (lines.size() < count) {
            wait();
        }
    }

    @Override
    public void info(String line) {
        add("INFO " + line);
    }

    @Override
    public void warn(String line) {
        add("WARN " + line);
    }

    @Override
    public void debug(String line) {}

    @Override
    public Optional<Terminal> terminal() {
        return terminal;
    }
}
