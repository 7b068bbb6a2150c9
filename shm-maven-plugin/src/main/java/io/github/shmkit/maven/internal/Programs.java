package io.github.shmkit.maven.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Processes as people know them: the program first, then the pid. */
final class Programs {
    private static final int NAMED_MAX = 3;

    private Programs() {}

    /** "postgres (4711)"; of one that has ended, its pid alone. */
    static String describe(long pid) {
        try {
            String name = Files.readString(Path.of("/proc", Long.toString(pid), "comm"), StandardCharsets.UTF_8);
            return Printable.text(name.strip()) + " (" + pid + ")";
        } catch (IOException e) {
            return "process " + pid;
        }
    }

    /** The oldest of them, and how many more. */
    static String describe(Collection<Long> pids) {
        List<Long> sorted = pids.stream().distinct().sorted().toList();
        String named = sorted.stream().limit(NAMED_MAX).map(Programs::describe).collect(Collectors.joining(", "));
        return named + (sorted.size() > NAMED_MAX ? " and " + (sorted.size() - NAMED_MAX) + " more" : "");
    }

    static boolean isAlive(long pid) {
        return pid > 0 && Files.exists(Path.of("/proc", Long.toString(pid), "stat"));
    }
}
