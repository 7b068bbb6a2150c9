package io.github.shmkit.junit.internal;

import io.github.shmkit.ShmException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Processes and what they started, as /proc tells. */
public final class ProcessTree {
    private static final int STATE = 0;
    private static final int GROUP = 2;
    private static final int START_TIME = 19;
    private static final int LOOKS_AT_ARGUMENTS = 50;
    private static final long BETWEEN_LOOKS_NANOS = 200_000;

    /**
     * A process; the start time tells it from a later one with the same pid.
     *
     * @param group its process group
     */
    record Member(long pid, long startTime, long group, String command) {
        boolean isAlive() {
            return of(pid).filter(now -> now.startTime == startTime).isPresent();
        }

        /** Whether it cannot end by itself, since a signal or a debugger has stopped it. */
        boolean isStopped() {
            String stat = read("/proc/" + pid + "/stat");
            int close = stat.lastIndexOf(')');
            return close >= 0 && "Tt".indexOf(stat.charAt(close + 2)) >= 0;
        }

        /** Whether the other one is its tracer, which ends with it. */
        boolean isTracedBy(Member other) {
            return read("/proc/" + pid + "/status").lines().anyMatch(line -> line.equals("TracerPid:\t" + other.pid));
        }

        /** Ends it, and nobody who got its pid: ProcessHandle compares the start time too. */
        void kill() {
            if (isAlive()) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }

        @Override
        public String toString() {
            return "process " + pid + " (" + command + ")";
        }
    }

    private ProcessTree() {}

    /** The user whose rights this JVM has: the second of its ids. */
    public static int euid() {
        return read("/proc/self/status")
                .lines()
                .filter(line -> line.startsWith("Uid:"))
                .map(line -> Integer.parseUnsignedInt(line.split("\\s+", -1)[2]))
                .findFirst()
                .orElseThrow(() -> new ShmException("/proc/self/status does not have this process's user"));
    }

    /** The living process with that pid; not a zombie. */
    static Optional<Member> of(long pid) {
        String stat = read("/proc/" + pid + "/stat");
        int close = stat.lastIndexOf(')');
        if (close < 0) {
            return Optional.empty();
        }
        String[] fields = stat.substring(close + 2).split(" ", -1);
        if (fields[STATE].equals("Z") || fields[STATE].equals("X")) {
            return Optional.empty();
        }
        return Optional.of(new Member(
                pid, Long.parseLong(fields[START_TIME]), Long.parseLong(fields[GROUP]), command(pid, stat, close)));
    }

    /** In the midst of its execve(2) a process has a new name and no arguments yet: those are worth a short wait. */
    private static String command(long pid, String stat, int close) {
        for (int look = 0; look < LOOKS_AT_ARGUMENTS; look++) {
            String line = read("/proc/" + pid + "/cmdline").replace('\0', ' ').strip();
            if (!line.isEmpty()) {
                return line;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
        }
        return stat.substring(stat.indexOf('(') + 1, close);
    }

    static List<Member> children(long pid) {
        List<Member> children = new ArrayList<>();
        // A list for each thread, since a thread is the parent; ours have one. Kernels may be built without it.
        for (String child : read("/proc/" + pid + "/task/" + pid + "/children").split(" ", -1)) {
            if (!child.isBlank()) {
                of(Long.parseLong(child.strip())).ifPresent(children::add);
            }
        }
        return children;
    }

    static List<Member> descendants(long pid) {
        List<Member> all = new ArrayList<>();
        Deque<Long> todo = new ArrayDeque<>(List.of(pid));
        while (!todo.isEmpty()) {
            for (Member child : allChildren(todo.pop())) {
                all.add(child);
                todo.push(child.pid());
            }
        }
        return all;
    }

    private static List<Member> allChildren(long pid) {
        return ProcessHandle.of(pid)
                .map(handle -> handle.children()
                        .flatMap(child -> of(child.pid()).stream())
                        .toList())
                .orElse(List.of());
    }

    /** Not by NIO, which an interrupt would end; empty if there is nothing to read. */
    static String read(String path) {
        try (InputStream in = new FileInputStream(path)) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
