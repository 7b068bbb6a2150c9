package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.SessionId;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Living processes that carry a session's token in their environment.
 *
 * <p>A token that is there proves where a process comes from; one that is missing proves nothing, since a program may
 * clear its environment or be unreadable.
 *
 * @param byToken pids
 * @param unreadable start times of this user's processes that could not be looked at
 */
record Carriers(Map<String, List<Long>> byToken, List<Long> unreadable) {
    private static final String VARIABLE = SessionId.VARIABLE + "=";

    private static final int PASSES_MAX = 8;

    /** Nobody was looked for. */
    static final Carriers NOT_SOUGHT = new Carriers(Map.of(), List.of());

    /** Found in passes until two agree, since a process may be born behind the one that we look at. */
    static Carriers find(long euid) {
        Map<Long, String> tokens = new HashMap<>();
        Carriers before = pass(euid, tokens);
        for (int i = 0; i < PASSES_MAX; i++) {
            Carriers now = pass(euid, tokens);
            if (now.equals(before)) {
                return now;
            }
            before = now;
        }
        return before; // builds come and go all the time on a busy host
    }

    /** The same, but for these. */
    Carriers without(Set<Long> pids) {
        Map<String, List<Long>> others = new HashMap<>();
        byToken.forEach((token, carriers) -> others.put(
                token, carriers.stream().filter(pid -> !pids.contains(pid)).toList()));
        return new Carriers(others, unreadable);
    }

    List<Long> of(String token) {
        return byToken.getOrDefault(token, List.of());
    }

    /** How many of those that cannot be looked at are young enough to be of a session that began then. */
    int unreadableSince(long startTime) {
        return (int) unreadable.stream().filter(started -> started >= startTime).count();
    }

    /** Reads the environment of those whose token is not known yet, empty for none. */
    private static Carriers pass(long euid, Map<Long, String> tokens) {
        Map<String, List<Long>> carriers = new HashMap<>();
        List<Long> unreadable = new ArrayList<>();
        long self = ProcessHandle.current().pid();
        String @Nullable [] processes = new File("/proc").list();
        if (processes == null) {
            unreadable.add(Long.MAX_VALUE); // no /proc: anybody may be of any session
            return new Carriers(carriers, unreadable);
        }
        for (String process : processes) {
            if (!Character.isDigit(process.charAt(0))) {
                continue;
            }
            long pid = Long.parseLong(process);
            try {
                String token = pid == self ? "" : token(pid, tokens);
                if (!token.isEmpty()) {
                    carriers.computeIfAbsent(token, t -> new ArrayList<>()).add(pid);
                }
            } catch (AccessDeniedException e) {
                if (isOf(Path.of("/proc", process), euid)) {
                    ProcFs.startTime(pid).ifPresent(unreadable::add);
                }
            } catch (IOException e) {
                // It ended meanwhile, or is just ending (ESRCH).
            }
        }
        return new Carriers(carriers, unreadable);
    }

    private static boolean isOf(Path process, long euid) {
        try {
            return Files.getAttribute(process, "unix:uid") instanceof Integer uid && uid == euid;
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }

    private static String token(long pid, Map<Long, String> tokens) throws IOException {
        String known = tokens.get(pid);
        if (known != null) {
            return known;
        }
        Path process = Path.of("/proc", Long.toString(pid));
        String environment = environment(process);
        if (environment.isEmpty()) {
            return ""; // a thread of the kernel, or one in the midst of execve: the next pass asks again
        }
        int at = environment.startsWith(VARIABLE) ? 0 : environment.indexOf("\0" + VARIABLE) + 1;
        int end = environment.indexOf('\0', at);
        String token = environment.startsWith(VARIABLE, at)
                ? environment.substring(at + VARIABLE.length(), end < 0 ? environment.length() : end)
                : "";
        tokens.put(pid, token);
        return token;
    }

    /** All threads have the same, but the main thread, which is asked first, may have ended: ESRCH. */
    private static String environment(Path process) throws IOException {
        try {
            return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw e;
        } catch (FileSystemException e) {
            String @Nullable [] threads = process.resolve("task").toFile().list();
            for (String thread : threads == null ? new String[0] : threads) {
                if (!process.endsWith(thread)) {
                    return Files.readString(
                            process.resolve("task").resolve(thread).resolve("environ"), StandardCharsets.ISO_8859_1);
                }
            }
            throw e;
        }
    }
}
