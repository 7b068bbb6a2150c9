package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Living processes of this user that carry a session's secret in their environment.
 *
 * <p>A secret that is there proves where a process comes from; one that is missing proves nothing, since a program may
 * clear its environment or be unreadable. What another user's process carries counts for nothing and is not read: that
 * user decides what it says, and whether the read ever ends.
 *
 * @param bySession pids
 * @param unreadable start times of this user's processes that could not be looked at
 */
record Carriers(Map<SessionId, List<Long>> bySession, List<Long> unreadable) {
    private static final String VARIABLE = SessionSecret.VARIABLE + "=";
    private static final Path PROC = Path.of("/proc");
    private static final String UIDS = "Uid:";

    private static final int PASSES_MAX = 8;
    /** A process that waits for a page from a server that does not answer keeps whoever reads its environment waiting. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Nobody was looked for. */
    static final Carriers NOT_SOUGHT = new Carriers(Map.of(), List.of());
    /** Anybody may be of any session. */
    private static final Carriers UNKNOWN = new Carriers(Map.of(), List.of(Long.MAX_VALUE));

    static Carriers find(long euid) {
        Carriers found = find(euid, PROC, PATIENCE);
        return ProcFs.hides() ? new Carriers(found.bySession, UNKNOWN.unreadable) : found;
    }

    /** Looks at most so long. */
    static Carriers find(long euid, Path proc, Duration patience) {
        CompletableFuture<Carriers> found = new CompletableFuture<>();
        Thread looking = new Thread(
                () -> {
                    try {
                        found.complete(passes(euid, proc));
                    } catch (RuntimeException | Error e) {
                        found.completeExceptionally(e);
                    }
                },
                "shmkit carriers");
        looking.setDaemon(true);
        looking.start();
        try {
            return found.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return UNKNOWN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot look for processes of sessions", e.getCause());
        }
    }

    /** Until two agree, since a process may be born behind the one that we look at. */
    private static Carriers passes(long euid, Path proc) {
        Map<Long, Set<SessionId>> known = new HashMap<>();
        Carriers before = pass(euid, proc, known);
        for (int i = 0; i < PASSES_MAX; i++) {
            Carriers now = pass(euid, proc, known);
            if (now.equals(before)) {
                return now;
            }
            before = now;
        }
        return before; // builds come and go all the time on a busy host
    }

    /** The same, but for these. */
    Carriers without(Set<Long> pids) {
        Map<SessionId, List<Long>> others = new HashMap<>();
        bySession.forEach((session, carriers) -> others.put(
                session, carriers.stream().filter(pid -> !pids.contains(pid)).toList()));
        return new Carriers(others, unreadable);
    }

    List<Long> of(SessionId session) {
        return bySession.getOrDefault(session, List.of());
    }

    /** How many of those that cannot be looked at are young enough to be of a session that began then. */
    int unreadableSince(long startTime) {
        return (int) unreadable.stream().filter(started -> started >= startTime).count();
    }

    /** Reads the environment of those whose sessions are not known yet. */
    private static Carriers pass(long euid, Path proc, Map<Long, Set<SessionId>> known) {
        Map<SessionId, List<Long>> carriers = new HashMap<>();
        List<Long> unreadable = new ArrayList<>();
        long self = ProcessHandle.current().pid();
        String @Nullable [] processes = proc.toFile().list();
        if (processes == null) {
            return UNKNOWN;
        }
        for (String process : processes) {
            if (!Character.isDigit(process.charAt(0))) {
                continue;
            }
            long pid = Long.parseLong(process);
            Path folder = proc.resolve(process);
            try {
                if (pid != self && realUid(folder).equals(OptionalLong.of(euid))) {
                    sessions(pid, folder, known)
                            .forEach(session -> carriers.computeIfAbsent(session, s -> new ArrayList<>())
                                    .add(pid));
                }
            } catch (AccessDeniedException e) {
                if (isOf(folder, euid)) {
                    ProcFs.startTime(pid).ifPresent(unreadable::add);
                }
            } catch (IOException e) {
                // It ended meanwhile, or is just ending (ESRCH).
            }
        }
        return new Carriers(carriers, unreadable);
    }

    /** Of who started it: one that a program with the set-user-ID bit has become ours is not ours. */
    private static OptionalLong realUid(Path process) throws IOException {
        return Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.startsWith(UIDS))
                .mapToLong(line ->
                        Long.parseLong(line.substring(UIDS.length()).trim().split("\\s", 2)[0]))
                .findFirst();
    }

    private static boolean isOf(Path process, long euid) {
        try {
            return Files.getAttribute(process, "unix:uid") instanceof Integer uid && uid == euid;
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }

    private static Set<SessionId> sessions(long pid, Path process, Map<Long, Set<SessionId>> known) throws IOException {
        Set<SessionId> sessions = known.get(pid);
        if (sessions != null) {
            return sessions;
        }
        String environment = environment(process);
        if (environment.isEmpty()) {
            return Set.of(); // a thread of the kernel, or one in the midst of execve: the next pass asks again
        }
        Set<SessionId> read = new HashSet<>();
        for (String variable : environment.split("\0", -1)) {
            if (variable.startsWith(VARIABLE)) {
                read.add(SessionSecret.idOf(variable.substring(VARIABLE.length())));
            }
        }
        known.put(pid, read);
        return read;
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
