package io.github.shmkit.internal.sweep;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names in /dev/shm that are mounted elsewhere, or on which something is mounted, in whatever mount namespace we may look at. */
final class Mounts {
    private static final int ID = 0;
    private static final int PARENT = 1;
    private static final int DEVICE = 2;
    private static final int ROOT = 3;
    private static final int POINT = 4;

    private Mounts() {}

    /** Paths below the root of the file system with that device number, as bytes of ISO 8859-1. */
    static Set<String> of(long device) {
        String wanted = ((device >> 8 & 0xfff) | (device >> 32 & ~0xfffL)) + ":"
                + ((device & 0xff) | (device >> 12 & ~0xffL & 0xffffffffL));
        Set<Path> namespaces = new HashSet<>();
        Set<String> names = new HashSet<>();
        String @Nullable [] processes = new File("/proc").list();
        for (String process : processes == null ? new String[0] : processes) {
            if (!Character.isDigit(process.charAt(0))) {
                continue;
            }
            try {
                Path proc = Path.of("/proc", process);
                if (namespaces.add(Files.readSymbolicLink(proc.resolve("ns/mnt")))) {
                    names.addAll(names(proc.resolve("mountinfo"), wanted));
                }
            } catch (IOException e) {
                // It ended, or is not ours to look at: then only its own user can tell.
            }
        }
        return names;
    }

    private static Set<String> names(Path mountinfo, String device) throws IOException {
        Map<String, String[]> ofDevice = new HashMap<>();
        Set<String> names = new HashSet<>();
        // A mount stands behind the one that it is mounted on.
        for (String line : Files.readAllLines(mountinfo, StandardCharsets.ISO_8859_1)) {
            String[] mount = line.split(" ", -1);
            if (mount[DEVICE].equals(device)) {
                ofDevice.put(mount[ID], mount);
                names.add(plain(mount[ROOT]));
            }
            String[] below = ofDevice.get(mount[PARENT]);
            if (below != null && mount[POINT].startsWith(below[POINT])) {
                names.add(plain(below[ROOT] + "/" + mount[POINT].substring(below[POINT].length())));
            }
        }
        return names;
    }

    /** Without slashes before it, and with the bytes that are escaped there. */
    private static String plain(String path) {
        return path.replaceAll("^/+", "")
                .replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
