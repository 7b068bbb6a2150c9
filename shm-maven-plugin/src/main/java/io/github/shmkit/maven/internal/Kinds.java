package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.IpcKind;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The parameter {@code shm.kinds}. */
public final class Kinds {
    private static final String ALL =
            Arrays.stream(IpcKind.values()).map(Enum::name).collect(Collectors.joining(", "));

    private Kinds() {}

    /**
     * The kinds of these names, in any case and with hyphens if one likes; all of them for none.
     *
     * @throws BadInputException if there is no such kind
     */
    public static Set<IpcKind> parse(Collection<String> names) throws BadInputException {
        Set<IpcKind> kinds = EnumSet.noneOf(IpcKind.class);
        for (String name : names) {
            kinds.add(parse(name));
        }
        return kinds.isEmpty() ? EnumSet.allOf(IpcKind.class) : kinds;
    }

    /** All that can outlive a process. */
    static List<String> names() {
        return Arrays.stream(IpcKind.values())
                .filter(kind -> kind != IpcKind.MEMFD)
                .map(Enum::name)
                .toList();
    }

    /** What a kind of that name is, for people; a name that is none, as it is. */
    static String describe(String name) {
        return switch (name) {
            case "SYSV_SHM" -> "System V shared memory";
            case "SYSV_SEM" -> "System V semaphore set";
            case "SYSV_MSG" -> "System V message queue";
            case "POSIX_SHM" -> "POSIX shared memory";
            case "POSIX_SEM" -> "POSIX named semaphore";
            case "POSIX_MQ" -> "POSIX message queue";
            case "MMAP_FILE" -> "mapped file";
            case "DIRECTORY" -> "directory below /dev/shm";
            default -> name;
        };
    }

    private static IpcKind parse(String name) throws BadInputException {
        String normal = name.trim().replace('-', '_').toUpperCase(Locale.ROOT);
        return Arrays.stream(IpcKind.values())
                .filter(kind -> kind.name().equals(normal))
                .findAny()
                .orElseThrow(() -> new BadInputException("shm.kinds: '" + Printable.text(name)
                        + "' is not a kind of IPC object; give one or more of " + ALL
                        + ", separated by commas, or leave it away for all of them"));
    }
}
