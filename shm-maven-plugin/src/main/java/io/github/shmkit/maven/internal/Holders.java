package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The processes that have objects open, mapped or attached, as far as this user may look at them.
 *
 * <p>For messages only: a process that is not found here may still use the object.
 */
final class Holders {
    static final Holders NONE = new Holders(Map.of());

    private static final int PATH_FIELD = 5;
    private static final String SYSV = "/SYSV";

    private final Map<Key, Set<Long>> pids;

    private Holders(Map<Key, Set<Long>> pids) {
        this.pids = pids;
    }

    /** Device and inode; of a System V segment, which is a file of the kernel's own, the id alone. */
    private record Key(long device, long inode) {
        static @Nullable Key of(IpcObject object) {
            if (object.identity() instanceof Identity.OfFile file) {
                return new Key(file.device(), file.inode());
            }
            return object.kind() == IpcKind.SYSV_SHM ? sysv(((Identity.OfSysv) object.identity()).id()) : null;
        }

        static Key sysv(long id) {
            return new Key(-1, id);
        }
    }

    /** Looks at all processes, if there is anything to look for. */
    static Holders of(Collection<IpcObject> objects) {
        Set<Key> wanted = new HashSet<>();
        for (IpcObject object : objects) {
            Key key = Key.of(object);
            if (key != null) {
                wanted.add(key);
            }
        }
        if (wanted.isEmpty()) {
            return NONE;
        }
        Map<Key, Set<Long>> pids = new HashMap<>();
        each((pid, key) -> {
            if (wanted.contains(key)) {
                pids.computeIfAbsent(key, k -> new TreeSet<>()).add(pid);
            }
        });
        return new Holders(pids);
    }

    List<Long> of(IpcObject object) {
        Key key = Key.of(object);
        return key == null ? List.of() : List.copyOf(pids.getOrDefault(key, Set.of()));
    }

    private static void each(BiConsumer<Long, Key> held) {
        String @Nullable [] processes = new File("/proc").list();
        for (String process : processes == null ? new String[0] : processes) {
            if (Character.isDigit(process.charAt(0))) {
                long pid = Long.parseLong(process);
                Path proc = Path.of("/proc", process);
                maps(proc, key -> held.accept(pid, key));
                descriptors(proc, key -> held.accept(pid, key));
            }
        }
    }

    private interface Found {
        void accept(Key key);
    }

    private static void maps(Path proc, Found found) {
        try (BufferedReader maps = Files.newBufferedReader(proc.resolve("maps"), StandardCharsets.ISO_8859_1)) {
            for (String line = maps.readLine(); line != null; line = maps.readLine()) {
                // 7f2c-7f2d rw-s 00000000 00:1b 42   /dev/shm/x
                String[] fields = line.split(" +", PATH_FIELD + 1);
                if (fields.length > PATH_FIELD && fields[PATH_FIELD].startsWith("/")) {
                    long inode = Long.parseLong(fields[PATH_FIELD - 1]);
                    found.accept(
                            fields[PATH_FIELD].startsWith(SYSV)
                                    ? Key.sysv(inode)
                                    : new Key(device(fields[PATH_FIELD - 2]), inode));
                }
            }
        } catch (IOException | NumberFormatException e) {
            // It ended, or is another user's.
        }
    }

    /** As makedev(3). */
    private static long device(String majorAndMinor) {
        String[] parts = majorAndMinor.split(":", -1);
        long major = Long.parseLong(parts[0], 16);
        long minor = Long.parseLong(parts[1], 16);
        return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
    }

    /** Only of what is named as in /dev/shm or as a queue: what others have open may be on a file server that hangs. */
    private static void descriptors(Path proc, Found found) {
        Path folder = proc.resolve("fd");
        String @Nullable [] descriptors = folder.toFile().list();
        for (String descriptor : descriptors == null ? new String[0] : descriptors) {
            Path link = folder.resolve(descriptor);
            try {
                String target = Files.readSymbolicLink(link).toString();
                if (target.startsWith("/dev/shm/") || (target.startsWith("/") && target.indexOf('/', 1) < 0)) {
                    Map<String, Object> file = Files.readAttributes(link, "unix:dev,ino");
                    found.accept(new Key(number(file.get("dev")), number(file.get("ino"))));
                }
            } catch (IOException e) {
                // It was closed.
            }
        }
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : -1;
    }
}
