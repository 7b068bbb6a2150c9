package io.github.shmkit.junit.internal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A shared object that a process has mapped or open.
 *
 * @param path as the kernel shows it
 * @param name the same as text, without what the kernel adds once the file is deleted
 * @param inode of a System V segment its id; 0 for a descriptor
 * @param fd -1 for a mapping
 * @param deleted whether the name is gone
 */
record SharedView(Path path, String name, long inode, int fd, boolean deleted) {
    static final String SHM = "/dev/shm/";
    static final String MQUEUE = "/dev/mqueue/";
    static final String SYSV = "/SYSV";
    private static final String PRIVATE = SHM + ".shmkit-";
    private static final String OURS = "shmkit.";
    private static final String DELETED = " (deleted)";
    private static final int INODE_FIELD = 4;

    boolean isMapping() {
        return fd < 0;
    }

    boolean isSysv() {
        return isMapping() && name.startsWith(SYSV);
    }

    /** What a process has mapped; nothing if it is gone or another user's. */
    static List<SharedView> mappings(String pid) {
        List<SharedView> views = new ArrayList<>();
        String maps = ProcessTree.read("/proc/" + pid + "/maps");
        for (int start = 0; start < maps.length(); ) {
            int end = maps.indexOf('\n', start);
            int slash = maps.indexOf('/', start);
            if (end < 0 || slash < 0) {
                break;
            }
            if (slash < end) {
                String path = maps.substring(slash, end);
                if (isShared(path)) {
                    String[] fields = maps.substring(start, slash).strip().split("\\s+", -1);
                    views.add(of(mapped(path), Long.parseLong(fields[INODE_FIELD]), -1));
                }
            }
            start = end + 1;
        }
        return views;
    }

    /** The kernel writes a line feed in a name as its octal number. */
    private static Path mapped(String path) {
        return Names.path(path.replace("\\012", "\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What a process has open. */
    static List<SharedView> descriptors(String pid) {
        List<SharedView> views = new ArrayList<>();
        openFiles(pid, (number, path) -> {
            if (isShared(path.toString())) {
                views.add(of(path, 0, Integer.parseInt(number)));
            }
        });
        return views;
    }

    /** What a process uses, by path; of an open queue the kernel shows the name only. */
    static Set<String> used(String pid) {
        Set<String> used = new HashSet<>();
        mappings(pid).forEach(view -> used.add(view.name()));
        openFiles(pid, (number, path) -> {
            String name = Names.text(path);
            used.add(name);
            if (name.lastIndexOf('/') == 0) {
                used.add(MQUEUE + name.substring(1));
            }
        });
        return used;
    }

    private static void openFiles(String pid, BiConsumer<String, Path> action) {
        File folder = new File("/proc/" + pid + "/fd");
        String[] numbers = folder.list();
        for (String number : numbers == null ? new String[0] : numbers) {
            target(folder.toPath().resolve(number)).ifPresent(path -> action.accept(number, path));
        }
    }

    private static Optional<Path> target(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link));
        } catch (IOException e) {
            return Optional.empty(); // it was closed meanwhile
        }
    }

    private static boolean isShared(String path) {
        if (path.startsWith(PRIVATE)) {
            return false; // the session's own files
        }
        return path.startsWith(SHM) || path.startsWith(SYSV) || path.contains(OURS);
    }

    private static SharedView of(Path path, long inode, int fd) {
        String name = Names.text(path);
        boolean deleted = name.endsWith(DELETED);
        return new SharedView(
                path, deleted ? name.substring(0, name.length() - DELETED.length()) : name, inode, fd, deleted);
    }
}
