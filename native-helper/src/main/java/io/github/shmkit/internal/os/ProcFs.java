package io.github.shmkit.internal.os;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** What {@code /proc} tells, in plain Java. */
public final class ProcFs {
    private static final Path PROC = Path.of("/proc");
    /** DEFAULT_OVERFLOWUID of the kernel. */
    private static final long OVERFLOW_UID = 65534;

    private static final int INIT = 1;
    private static final int CAP_SYS_PTRACE = 19;
    private static final int MOUNT_POINT_FIELD = 4;
    /** With numbers before Linux 5.8. */
    private static final Set<String> HIDING = Set.of("hidepid=2", "hidepid=invisible");

    private static final Set<String> HIDING_FROM_ALL = Set.of("hidepid=4", "hidepid=ptraceable");

    private static final int STATE_FIELD = 0;
    private static final int THREADS_FIELD = 17;
    private static final int START_TIME_FIELD = 19;

    private ProcFs() {}

    /** Our own directory there, by a name that means the same to other processes, as long as they see this /proc. */
    public static String self() {
        try {
            return PROC.resolve(Files.readSymbolicLink(PROC.resolve("self"))).toString();
        } catch (IOException e) {
            throw new OsException("readlink", "/proc/self", Errno.ENOENT);
        }
    }

    /**
     * Start time of a living process in clock ticks since boot; empty if there is none, or only a zombie. A process whose
     * main thread has ended looks like one, but has other threads.
     */
    public static OptionalLong startTime(long pid) {
        try {
            String stat =
                    Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
            // The command's name stands in parentheses and may itself hold some: count from the last one.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            String state = fields[STATE_FIELD];
            boolean ended = state.equals("Z") || state.equals("X");
            return ended && Integer.parseInt(fields[THREADS_FIELD]) <= 1
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(fields[START_TIME_FIELD]));
        } catch (IOException e) {
            return OptionalLong.empty(); // it is gone: that is the answer
        }
    }

    /** The letter of a thread's state, see proc(5); ? if there is none. */
    public static char state(long pid, long tid) {
        // No NIO: an interrupted thread could not read with it.
        try (InputStream in = new FileInputStream("/proc/" + pid + "/task/" + tid + "/stat")) {
            String stat = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            // The command's name stands in parentheses and may itself hold some: count from the last one.
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return '?';
        }
    }

    /** Whether a process lives: one that /proc hides as well, which may also have ended and not been waited for. */
    public static boolean isAlive(long pid) {
        return startTime(pid).isPresent() || isHidden(pid);
    }

    /** Whether there is a process that /proc does not show. */
    public static boolean isHidden(long pid) {
        return !Files.exists(PROC.resolve(Long.toString(pid))) && Os.hasProcess(pid);
    }

    /** Whether /proc may hide processes from this one, as it does where it is mounted with hidepid, see proc(5). */
    public static boolean hides() {
        try {
            return isHidden(INIT) || (hidesFrom(groups()) && !mayLookAtAll());
        } catch (IOException e) {
            return true; // it does not even show this process
        }
    }

    private static Set<String> groups() throws IOException {
        Set<String> groups = new HashSet<>(status("Groups:"));
        groups.addAll(status("Gid:"));
        return groups;
    }

    private static boolean hidesFrom(Set<String> groups) throws IOException {
        boolean hides = false;
        for (String line : Files.readAllLines(PROC.resolve("self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            String[] fields = line.split(" ", -1);
            if (fields[MOUNT_POINT_FIELD].equals(PROC.toString())) { // the last is on top
                List<String> options = List.of(fields[fields.length - 1].split(",", -1));
                hides = options.stream().anyMatch(HIDING_FROM_ALL::contains)
                        || (!groups.contains(groupOf(options))
                                && options.stream().anyMatch(HIDING::contains));
            }
        }
        return hides;
    }

    /** The one that sees all. */
    private static String groupOf(List<String> options) {
        return options.stream()
                .filter(option -> option.startsWith("gid="))
                .map(option -> option.substring("gid=".length()))
                .findFirst()
                .orElse("0");
    }

    private static boolean mayLookAtAll() throws IOException {
        return status("CapEff:").stream()
                .anyMatch(set -> (Long.parseUnsignedLong(set, 16) & 1L << CAP_SYS_PTRACE) != 0);
    }

    /** What a line of our own status says. */
    private static List<String> status(String name) throws IOException {
        return Files.readAllLines(PROC.resolve("self/status"), StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.startsWith(name))
                .flatMap(line -> List.of(line.substring(name.length()).trim().split("\\s+", -1)).stream())
                .toList();
    }

    /** Whether a process lives that started then, in clock ticks since boot; the kernel's events may be one tick beside it. */
    public static boolean isProcess(long pid, long startTime) {
        OptionalLong started = startTime(pid);
        return started.isPresent() && Math.abs(started.getAsLong() - startTime) <= 1;
    }

    /** The inode of one of our own namespaces: "ipc", "pid", "user", "mnt". */
    public static long namespace(String name) {
        try {
            String link = Files.readSymbolicLink(PROC.resolve("self/ns").resolve(name))
                    .toString(); // ipc:[4026531839]
            return Long.parseLong(link.substring(link.indexOf('[') + 1, link.length() - 1));
        } catch (IOException e) {
            throw new OsException("readlink", "/proc/self/ns/" + name, Errno.ENOENT);
        }
    }

    /** Another value after each boot of the machine. */
    public static String bootId() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).trim();
        } catch (IOException e) {
            throw new OsException("open", "/proc/sys/kernel/random/boot_id", Errno.ENOENT);
        }
    }

    /** The uid that stands for every user who has none in our user namespace; empty where all have one. */
    public static OptionalLong namelessUid() {
        // One read: a number in /proc/sys gives no more than its first digit to one that reads a byte at first.
        try (InputStream in = new FileInputStream("/proc/sys/kernel/overflowuid")) {
            long overflow = Long.parseLong(new String(in.readNBytes(64), StandardCharsets.US_ASCII).trim());
            for (String range : Files.readAllLines(PROC.resolve("self/uid_map"))) {
                String[] fields = range.trim().split("\\s+", -1); // first inside, first outside, how many
                long first = Long.parseLong(fields[0]);
                if (overflow >= first && overflow < first + Long.parseLong(fields[2])) {
                    return OptionalLong.empty(); // it is a user's own
                }
            }
            return OptionalLong.of(overflow);
        } catch (IOException e) {
            return OptionalLong.of(OVERFLOW_UID);
        }
    }

    /** What a process calls itself; empty if there is none. */
    public static String name(long pid) {
        try {
            return new String(
                            Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("comm")),
                            StandardCharsets.ISO_8859_1)
                    .trim();
        } catch (IOException e) {
            return "";
        }
    }

    /** Bytes that can still be given out without swapping. */
    public static OptionalLong memoryAvailable() {
        try {
            for (String line : Files.readAllLines(PROC.resolve("meminfo"))) {
                if (line.startsWith("MemAvailable:")) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024);
                }
            }
        } catch (IOException e) {
            return OptionalLong.empty(); // unknown: the kernel will say
        }
        return OptionalLong.empty();
    }
}
