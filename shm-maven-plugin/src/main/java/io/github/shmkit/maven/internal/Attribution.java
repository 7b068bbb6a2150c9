package io.github.shmkit.maven.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Watchdog;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.LedgerContents.Source;
import io.github.shmkit.internal.session.LedgerContents.Watch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** How well it can be known on this host who creates an object, and what would make it better. */
public record Attribution(Watch watch) {
    private static final int EPERM = 1;
    private static final int EACCES = 13;
    private static final int EINVAL = 22;
    private static final int EMFILE = 24;
    private static final int ENOSYS = 38;
    private static final Path PARANOID = Path.of("/proc/sys/kernel/perf_event_paranoid");

    /** The parameter {@code shm.attribute}. */
    public enum Mode {
        /** As far as the host lets us. */
        AUTO,
        /** Or the build fails. */
        ALWAYS,
        /** Processes are not followed: only ledgers and what is new speak of an object. */
        NEVER;

        /**
         * Reads the parameter.
         *
         * @throws BadInputException in one line, with what can be given
         */
        public static Mode parse(String text) throws BadInputException {
            for (Mode mode : values()) {
                if (mode.name().toLowerCase(Locale.ROOT).equals(text.trim().toLowerCase(Locale.ROOT))) {
                    return mode;
                }
            }
            throw new BadInputException(
                    "shm.attribute: '" + Printable.text(text) + "' is not known; give auto, always or never");
        }
    }

    /** One kind of objects, whether their creators are named, and if not, why not and what would help. */
    record Line(String kinds, String state, String remedy) {
        String text() {
            return kinds + ": " + state + (remedy.isEmpty() ? "" : ". For more: " + remedy);
        }
    }

    /**
     * That of this host.
     *
     * @throws ShmException if the native helper does not say
     */
    static Attribution here() {
        try {
            return new Attribution(Watch.parse(Watchdog.sources()));
        } catch (LedgerContents.UnreadableException e) {
            throw new ShmException("cannot determine how creators are found: " + e.getMessage(), e);
        }
    }

    /**
     * Sees to it that the user's word is kept.
     *
     * @throws Hermetic.ImpossibleException in one line with the remedy, if all creators have to be known and are not
     */
    public static void require(Mode mode) {
        if (mode == Mode.ALWAYS) {
            here().hindrance().ifPresent(why -> {
                throw new Hermetic.ImpossibleException("shm.attribute=always is not possible here: " + why);
            });
        }
    }

    boolean isComplete() {
        return watch.processes() == Source.KERNEL && watch.files() == Source.KERNEL && watch.queues() == Source.KERNEL;
    }

    /** "R", "U", "S" or "-": all that the kernel can name, processes only, or what /proc shows. */
    String level() {
        return isComplete() ? "R" : watch.processes() == Source.KERNEL ? "U" : "S";
    }

    /** In one line. */
    String summary() {
        if (watch.processes() == Source.NOTHING) {
            return "creators are not looked for, as shm.attribute says";
        }
        return switch (level()) {
            case "R" ->
                "level R: the kernel names the creators of System V segments, of files in /dev/shm and of POSIX queues";
            case "U" ->
                "level U: the kernel names the creators of System V segments; of files and queues they are not known";
            default ->
                "level S: creators of System V segments are known if they live for 0.2 s; of files and queues they are"
                        + " not known";
        };
    }

    List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(
                "System V segments",
                watch.processes() == Source.KERNEL
                        ? "the kernel names the creator"
                        : "the creator is known if it lives for 0.2 s",
                watch.processes() == Source.KERNEL
                        ? ""
                        : processes(watch.errors().get(0))));
        lines.add(new Line(
                "files and directories in /dev/shm",
                watch.files() == Source.KERNEL ? "the kernel names the creator" : "the creator is not known",
                watch.files() == Source.KERNEL ? "" : files(watch.errors().get(1), "Linux 5.17")));
        lines.add(new Line(
                "POSIX message queues",
                watch.queues() == Source.KERNEL ? "the kernel names the creator" : "the creator is not known",
                watch.queues() == Source.KERNEL ? "" : files(watch.errors().get(2), "Linux 6.8")));
        lines.add(new Line("System V semaphore sets and queues", "the kernel names no creator", ""));
        return lines;
    }

    /** Why not all of it is known, in one line with the remedy; empty if it is. */
    Optional<String> hindrance() {
        return lines().stream()
                .filter(line -> !line.remedy().isEmpty())
                .map(line -> line.kinds() + ": " + line.state() + "; " + line.remedy())
                .findFirst();
    }

    private static String processes(int errno) {
        return switch (errno) {
            case EPERM, EACCES ->
                "kernel.perf_event_paranoid is " + paranoid()
                        + "; run 'sysctl kernel.perf_event_paranoid=2', or give Maven CAP_PERFMON";
            case ENOSYS -> "allow perf_event_open(2) in the container's seccomp profile";
            case EMFILE -> "raise the limit of open files (ulimit -n)";
            default -> "perf_event_open(2) failed with errno " + errno;
        };
    }

    private static String files(int errno, String release) {
        return switch (errno) {
            case EPERM, EACCES -> "run Maven as root with CAP_SYS_ADMIN (docker run --cap-add SYS_ADMIN)";
            case EINVAL, ENOSYS -> release + " or newer";
            default -> "fanotify(7) failed with errno " + errno;
        };
    }

    private static String paranoid() {
        OptionalLong value = Limits.number(PARANOID, 0);
        return value.isPresent() ? Long.toString(value.getAsLong()) : "unknown";
    }
}
