package io.github.shmkit.junit.internal;

import io.github.shmkit.internal.ipc.Inventory;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What was there before a test, which is not its.
 *
 * @param sysv "key id" of segments
 * @param files in /dev/shm and /dev/mqueue
 */
record Baseline(Set<String> sysv, Set<String> files) {
    /** Of whatever session it is, that one knows what becomes of it. */
    private static final Pattern OF_A_SESSION = Pattern.compile("(?:sem\\.)?shmkit\\.[A-Za-z0-9_-]{22}\\..*");

    private static final String PRIVATE = ".shmkit-";
    private static final String LOCK = ".lock";
    private static final List<Path> FOLDERS = List.of(Path.of(SharedView.SHM), Path.of(SharedView.MQUEUE));

    static Baseline take() {
        Set<String> files = new HashSet<>();
        filesNow().forEach(file -> files.add(Names.text(file)));
        return new Baseline(sysvNow(), files);
    }

    private static Set<String> sysvNow() {
        Set<String> sysv = new HashSet<>();
        if (Inventory.mayHaveSysvShm()) {
            String rows = ProcessTree.read("/proc/sysvipc/shm");
            rows.lines().skip(1).forEach(row -> {
                String[] fields = row.strip().split("\\s+", 3);
                sysv.add(fields[0] + " " + fields[1]);
            });
        }
        return sysv;
    }

    private static Set<Path> filesNow() {
        Set<Path> files = new HashSet<>();
        FOLDERS.forEach(folder -> addEntries(folder, files));
        return files;
    }

    /** None where there is no such folder, or this user may not list it. */
    private static void addEntries(Path folder, Set<Path> to) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(to::add);
        } catch (NoSuchFileException e) {
            return; // of a session that has just ended, or nothing is mounted there
        } catch (IOException | DirectoryIteratorException e) {
            return; // what cannot be listed cannot be compared
        }
    }

    /** Whether the path was there, or is one that a session answers for. */
    boolean hasOrIsOfASession(String path) {
        return files.contains(path) || isOfASession(path.substring(path.lastIndexOf('/') + 1));
    }

    /** Whether the name tells that it is a session's. */
    private static boolean isOfASession(String name) {
        return name.startsWith(PRIVATE) || OF_A_SESSION.matcher(name).matches();
    }

    /** What was not there before, and is no session's. */
    List<Path> newFiles() {
        return filesNow().stream()
                .filter(file -> !hasOrIsOfASession(Names.text(file)))
                .toList();
    }

    boolean hasSysv(int key, int id) {
        return sysv.contains(key + " " + id);
    }

    /** Whether another test JVM of this user runs, or has died and nothing has cleaned up after it yet. */
    static boolean hasNeighbours() {
        Set<Path> locks = new HashSet<>();
        Set<Path> all = new HashSet<>();
        addEntries(FOLDERS.get(0), all);
        all.stream()
                .filter(folder -> folder.getFileName().toString().startsWith(PRIVATE + ProcessTree.euid()))
                .forEach(folder -> addEntries(folder, locks));
        return locks.stream()
                        .map(lock -> lock.getFileName().toString())
                        .filter(name -> name.endsWith(LOCK))
                        .filter(name -> name.indexOf('.') < name.length() - LOCK.length()) // else that of a build
                        .count()
                > Run.sessions();
    }
}
