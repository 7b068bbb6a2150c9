package io.github.shmkit.junit.internal;

import io.github.shmkit.internal.ipc.Inventory;
import java.io.File;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What was there before a test, which is not its.
 *
 * @param sysv "key id" of segments
 * @param names in /dev/shm
 */
record Baseline(Set<String> sysv, Set<String> names) {
    /** Of whatever session it is, that one knows what becomes of it. */
    private static final Pattern OF_A_SESSION = Pattern.compile("(?:sem\\.)?shmkit\\.[A-Za-z0-9_-]{22}\\..*");

    private static final String PRIVATE = ".shmkit-";

    static Baseline take() {
        return new Baseline(sysvNow(), Set.of(namesNow()));
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

    private static String[] namesNow() {
        String[] names = new File(SharedView.SHM).list();
        return names == null ? new String[0] : names;
    }

    boolean hasName(String name) {
        return names.contains(name);
    }

    /** Whether the name tells that it is a session's. */
    static boolean isOfASession(String name) {
        return name.startsWith(PRIVATE) || OF_A_SESSION.matcher(name).matches();
    }

    /** Whether /dev/shm has something that was not there before, and is no session's. */
    boolean hasNewNames() {
        for (String name : namesNow()) {
            if (!hasName(name) && !isOfASession(name)) {
                return true;
            }
        }
        return false;
    }

    boolean hasSysv(int key, int id) {
        return sysv.contains(key + " " + id);
    }
}
