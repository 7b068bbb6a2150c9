package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.ipc.ShmUsage;
import io.github.shmkit.internal.os.RawName;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What fills shared memory and has no name: unlinked files and memfds; and what directories below /dev/shm hold in all. */
final class Unlisted {
    private static final int LINES_MAX = 5;
    /** For looking at processes: one that waits for a file server can hold up whoever reads what it has mapped. */
    private static final Duration LOOK_MAX = Duration.ofSeconds(3);

    private static final String DELETED = " (deleted)";
    private static final String SHM = "/dev/shm/";
    private static final String MEMFD = "/memfd:";

    /** What a file holds more than is counted here, while it is being written. */
    private static final long UNEXPLAINED_MIN = 1 << 16;

    private Unlisted() {}

    /** A file without a name, and who keeps it. */
    static final class Held {
        private final long bytes;
        private final boolean memfd;
        private final Set<Long> pids = new ConcurrentSkipListSet<>();

        Held(long bytes, boolean memfd) {
            this.bytes = bytes;
            this.memfd = memfd;
        }
    }

    /**
     * All of it, one line each with its remedy, the largest first.
     *
     * @param memfds whether those too, which are in no directory
     */
    static List<String> all(boolean memfds) {
        List<String> lines = new ArrayList<>();
        ShmUsage usage = ShmUsage.look();
        limited(usage.directories().stream()
                        .sorted(Comparator.comparing(ShmUsage.Directory::bytes).reversed())
                        .map(Unlisted::directory)
                        .toList())
                .forEach(lines::add);
        Holding holding = held(pid -> true);
        List<Held> held = holding.files;
        List<Held> unlinked = held.stream().filter(file -> !file.memfd).toList();
        limited(lines(unlinked)).forEach(lines::add);
        long unexplained = usage.nameless() - Size.sum(unlinked.stream().mapToLong(file -> file.bytes));
        if (unexplained >= UNEXPLAINED_MIN) {
            lines.add(Size.bytes(unexplained)
                    + " in /dev/shm without a name, held by processes that cannot be looked at here");
        }
        if (memfds) {
            limited(lines(held.stream().filter(file -> file.memfd).toList())).forEach(lines::add);
        }
        lines.addAll(holding.notes());
        return lines;
    }

    /** What younger processes of this user keep. */
    static List<String> since(Instant began) {
        Holding holding = held(pid -> isOurs(pid) && isYounger(pid, began));
        // A memfd goes with its processes, and every other program has some.
        List<String> lines = new ArrayList<>(
                limited(lines(holding.files.stream().filter(file -> !file.memfd).toList())));
        lines.addAll(holding.notes());
        return lines;
    }

    private static boolean isOurs(long pid) {
        try {
            return Files.getAttribute(Path.of("/proc", Long.toString(pid)), "unix:uid") instanceof Integer uid
                    && Integer.toUnsignedLong(uid) == BaselineFile.uid();
        } catch (IOException e) {
            return false; // it ended
        }
    }

    /** Almost: the kernel tells the time of its boot, to which start times are relative, in whole seconds. */
    private static boolean isYounger(long pid, Instant began) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .map(started -> !started.isBefore(began.minusSeconds(1)))
                .orElse(false);
    }

    private static List<String> limited(List<String> lines) {
        return lines.size() <= LINES_MAX
                ? lines
                : Stream.concat(
                                lines.stream().limit(LINES_MAX),
                                Stream.of((lines.size() - LINES_MAX) + " more of this kind"))
                        .toList();
    }

    private static String directory(ShmUsage.Directory directory) {
        RawName name = directory.name();
        boolean ours = directory.uid() == BaselineFile.uid();
        return Size.bytes(directory.bytes()) + " in " + Summary.count(directory.files(), "file", "files") + " below "
                + SHM + Printable.name(name) + ", a directory of user " + directory.uid()
                + (ours
                        ? ". Remedy, if it is yours: mvn shm:clean -Dshm.claim='" + Remedies.pattern(name) + "*'"
                        : ". It is for that user to remove");
    }

    static List<String> lines(List<Held> held) {
        Map<String, Long> bytes = new HashMap<>();
        for (Held file : held) {
            String holders = Programs.describe(file.pids);
            bytes.merge(
                    (file.memfd ? "in memfds" : "in /dev/shm without a name") + ", held by " + holders
                            + ". Remedy: end " + holders,
                    file.bytes,
                    (a, b) -> Size.sum(LongStream.of(a, b)));
        }
        return bytes.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(entry -> Size.bytes(entry.getValue()) + " " + entry.getKey())
                .toList();
    }

    /** What was found, and whether all processes were looked at. */
    record Holding(List<Held> files, boolean all) {
        List<String> notes() {
            return all
                    ? List.of()
                    : List.of("not all processes could be looked at within " + LOOK_MAX.toSeconds()
                            + " s, so that memory without a name may be missing here");
        }
    }

    static Holding held(LongPredicate wanted) {
        return held(wanted, LOOK_MAX);
    }

    static Holding held(LongPredicate wanted, Duration max) {
        Map<Identity, Held> files = new ConcurrentHashMap<>();
        Thread looking = new Thread(() -> look(wanted, files), "shmkit holders");
        looking.setDaemon(true);
        looking.start();
        try {
            looking.join(max.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        boolean all = !looking.isAlive();
        looking.interrupt();
        return new Holding(
                files.values().stream().filter(file -> file.bytes > 0).toList(), all);
    }

    private static void look(LongPredicate wanted, Map<Identity, Held> files) {
        String @Nullable [] processes = new File("/proc").list();
        for (String process : processes == null ? new String[0] : processes) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            if (Character.isDigit(process.charAt(0)) && wanted.test(Long.parseLong(process))) {
                addDescriptors(Path.of("/proc", process), files);
                addMappings(Path.of("/proc", process), files);
            }
        }
    }

    private static void addDescriptors(Path process, Map<Identity, Held> files) {
        Path folder = process.resolve("fd");
        String @Nullable [] descriptors = folder.toFile().list();
        for (String descriptor : descriptors == null ? new String[0] : descriptors) {
            try {
                Path link = folder.resolve(descriptor);
                add(Files.readSymbolicLink(link).toString(), link.toString(), process, files);
            } catch (IOException e) {
                // It was closed.
            }
        }
    }

    /** What is mapped need not be open any more. */
    private static void addMappings(Path process, Map<Identity, Held> files) {
        try (BufferedReader maps = Files.newBufferedReader(process.resolve("maps"), StandardCharsets.ISO_8859_1)) {
            for (String line = maps.readLine(); line != null; line = maps.readLine()) {
                int path = line.indexOf('/');
                if (path > 0) {
                    String range = line.substring(0, line.indexOf(' '));
                    add(line.substring(path), process + "/map_files/" + range, process, files);
                }
            }
        } catch (IOException e) {
            // It ended, or is another user's.
        }
    }

    private static void add(String target, String link, Path process, Map<Identity, Held> files) {
        boolean memfd = target.startsWith(MEMFD);
        if (memfd || (target.startsWith(SHM) && target.endsWith(DELETED))) {
            ShmUsage.held(link)
                    .filter(file -> memfd || isInOurShm(file))
                    .ifPresent(file -> files.computeIfAbsent(file.identity(), id -> held(file, memfd))
                            .pids
                            .add(Long.parseLong(process.getFileName().toString())));
        }
    }

    /** Another container's has the same path. */
    private static boolean isInOurShm(IpcObject file) {
        try {
            return file.identity() instanceof Identity.OfFile found
                    && Files.getAttribute(Path.of(SHM), "unix:dev") instanceof Long device
                    && found.device() == device;
        } catch (IOException e) {
            return false; // there is none
        }
    }

    private static Held held(IpcObject file, boolean memfd) {
        return new Held(file.allocated(), memfd);
    }
}
