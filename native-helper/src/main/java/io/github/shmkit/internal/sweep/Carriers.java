package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.session.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Living processes that carry a session's token in their environment.
 *
 * <p>A token that is there proves where a process comes from; one that is missing proves nothing, since a program may
 * clear its environment or be unreadable.
 */
final class Carriers {
    private static final String VARIABLE = SessionId.VARIABLE + "=";

    private Carriers() {}

    /** Pids by token, found in passes until two agree, since a process may be born behind the one that we look at. */
    static Map<String, List<Long>> find() {
        Map<String, List<Long>> before = pass();
        while (true) {
            Map<String, List<Long>> now = pass();
            if (now.equals(before)) {
                return now;
            }
            before = now;
        }
    }

    private static Map<String, List<Long>> pass() {
        Map<String, List<Long>> carriers = new HashMap<>();
        long self = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                String token = pid == self ? "" : token(process);
                if (!token.isEmpty()) {
                    carriers.computeIfAbsent(token, t -> new ArrayList<>()).add(pid);
                }
            }
        } catch (IOException e) {
            return carriers; // no /proc: nothing is known, and nothing is proved by it
        }
        return carriers;
    }

    private static String token(Path process) {
        try {
            String environment = Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
            int at = environment.startsWith(VARIABLE) ? 0 : environment.indexOf("\0" + VARIABLE) + 1;
            if (!environment.startsWith(VARIABLE, at)) {
                return "";
            }
            int end = environment.indexOf('\0', at);
            return environment.substring(at + VARIABLE.length(), end < 0 ? environment.length() : end);
        } catch (IOException e) {
            return ""; // it is gone, or not ours to look at
        }
    }
}
