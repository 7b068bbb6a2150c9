package io.github.shmkit.internal.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the kernel says exists, read without any code of ours. */
public final class KernelView {
    private static final Path SHM = Path.of("/dev/shm");

    private KernelView() {}

    /** The names in /dev/shm that belong to a session, its private files included. */
    public static Set<String> shmFiles(String session) {
        Set<String> names = list(SHM, session);
        try (Stream<Path> entries = Files.list(SHM)) {
            List<Path> privateDirs = entries.filter(
                            p -> p.getFileName().toString().startsWith(".shmkit-") && Files.isReadable(p))
                    .toList();
            privateDirs.forEach(d -> names.addAll(list(d, session)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    /** The private directory that holds the session's files. */
    public static Path privateDirOf(String session) {
        try (Stream<Path> entries = Files.list(SHM)) {
            return entries.filter(p -> p.getFileName().toString().startsWith(".shmkit-"))
                    .filter(d -> !list(d, session).isEmpty())
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The memory that a private file takes, holes not counted. */
    public static long allocatedBytes(String name) throws Exception {
        Process du = new ProcessBuilder("sh", "-c", "du -k /dev/shm/.shmkit-*/" + name).start();
        return 1024
                * Long.parseLong(new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                        .split("\\s", 2)[0]);
    }

    /** The names of a session's mapped files. */
    public static Set<String> mappedFiles(String session) {
        try (Stream<Path> entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return entries.filter(p -> p.getFileName().toString().startsWith("shmkit-") && Files.isDirectory(p))
                    .flatMap(d -> list(d, session).stream())
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> list(Path directory, String part) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(p -> p.getFileName().toString())
                    .filter(n -> n.contains(part))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The file that a path leads to, by its device and inode, empty if to none: the number of a closed memfd's
     * descriptor is soon another file's, which any thread of the JVM may have opened.
     */
    public static String file(String path) throws IOException {
        try {
            return Files.readAttributes(Path.of(path), BasicFileAttributes.class)
                    .fileKey()
                    .toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** Whether a System V segment with this id exists and is not marked for destruction. */
    public static boolean sysvExists(int shmid) {
        return sysvRows().anyMatch(row -> Integer.parseInt(row[1]) == shmid && Integer.parseInt(row[2], 8) < 01000);
    }

    /** How often a System V segment is attached. */
    public static long attaches(int shmid) {
        return sysvRows()
                .filter(row -> Integer.parseInt(row[1]) == shmid)
                .mapToLong(row -> Long.parseLong(row[6]))
                .sum();
    }

    /** The ids of the segments that a process created. */
    public static Set<Integer> sysvCreatedBy(long pid) {
        return sysvRows()
                .filter(row -> Long.parseLong(row[4]) == pid)
                .map(row -> Integer.parseInt(row[1]))
                .collect(Collectors.toSet());
    }

    private static Stream<String[]> sysvRows() {
        try {
            return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                    .skip(1)
                    .map(line -> line.trim().split("\\s+", -1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
