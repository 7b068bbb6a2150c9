package io.github.shmkit.junit.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A shared object that a process has mapped or open.
 *
 * @param name the path as the kernel shows it, without what it adds once the file is deleted
 * @param inode of a System V segment its id; 0 for a descriptor
 * @param fd -1 for a mapping
 * @param deleted whether the name is gone
 */
record SharedView(String name, long inode, int fd, boolean deleted) {
    static final String SHM = "/dev/shm/";
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
                    views.add(of(path, Long.parseLong(fields[INODE_FIELD]), -1));
                }
            }
            start = end + 1;
        }
        return views;
    }

    /** What a process has open. */
    static List<SharedView> descriptors(String pid) {
        List<SharedView> views = new ArrayList<>();
        File folder = new File("/proc/" + pid + "/fd");
        String[] numbers = folder.list();
        for (String number : numbers == null ? new String[0] : numbers) {
            String path = target(folder.toPath().resolve(number));
            if (isShared(path)) {
                views.add(of(path, 0, Integer.parseInt(number)));
            }
        }
        return views;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // it was closed meanwhile
        }
    }

    private static boolean isShared(String path) {
        if (path.startsWith(PRIVATE)) {
            return false; // the session's own files
        }
        return path.startsWith(SHM) || path.startsWith(SYSV) || path.contains(OURS);
    }

    private static SharedView of(String path, long inode, int fd) {
        boolean deleted = path.endsWith(DELETED);
        return new SharedView(deleted ? path.substring(0, path.length() - DELETED.length()) : path, inode, fd, deleted);
    }
}
