package io.github.shmkit.internal.trace;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.internal.guard.HelperProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * How a program is to be traced.
 *
 * @param log where the tracer writes what it saw; not there yet
 * @param killAfter the point after which the process that got there is killed, 0 for before the first, -1 for none
 * @param armed whether all that it does counts; if not, it is armed later
 * @param counted what counts
 * @param files what it is to be traced in besides the segments; need not exist yet
 * @param checkpoints the page of checkpoints, if it is to be traced in that as well
 */
public record Tracing(
        Path log, long killAfter, boolean armed, Counted counted, List<Path> files, Optional<Segment> checkpoints) {
    public static final long NEVER = -1;
    /** What the page of checkpoints is called in the log. */
    public static final String CHECKPOINTS = "checkpoints";

    /** Which accesses the tracer takes one by one. */
    public enum Counted {
        /** Stores, and system calls that write or have an effect. */
        STORES,
        /** All that and loads. */
        ACCESSES,
        /** The same, and each waits for its turn, see {@link Turns}. */
        TURNS
    }

    public Tracing {
        files = files.stream().map(Path::toAbsolutePath).toList();
    }

    /** The command that runs another one under the tracer. */
    public List<String> command(List<Segment> segments, List<String> argv) {
        List<String> arguments = new ArrayList<>(List.of(
                log.toString(),
                Long.toString(killAfter),
                armed ? "1" : "0",
                counted.name().toLowerCase(Locale.ROOT)));
        segments.forEach(segment -> arguments.add(name(segment.address())));
        files.forEach(file -> arguments.add("path:" + file));
        checkpoints.ifPresent(page -> arguments.add(name(page.address())));
        arguments.add("--");
        arguments.addAll(argv);
        return HelperProgram.command("trace", arguments);
    }

    /** What they are called in the log: segments by their labels, files by their names. */
    public List<String> labels(List<Segment> segments) {
        List<String> labels = new ArrayList<>();
        segments.forEach(segment -> labels.add(segment.label()));
        files.forEach(file -> labels.add(String.valueOf(file.getFileName())));
        checkpoints.ifPresent(page -> labels.add(CHECKPOINTS));
        return labels;
    }

    /**
     * What gives the program turns.
     *
     * @param name for messages
     * @param ended done when it has ended
     * @param max for a wait
     * @throws IllegalStateException if its accesses do not wait for any
     */
    public Turns turns(String name, List<Segment> segments, CompletableFuture<?> ended, Duration max) {
        if (counted != Counted.TURNS) {
            throw new IllegalStateException(name + " was not started to be held");
        }
        return new Turns(name, log, labels(segments), ended, max);
    }

    private static String name(SegmentAddress address) {
        return address instanceof SegmentAddress.BySysv sysv
                ? "shmid:" + sysv.shmid()
                : "path:" + Path.of(((SegmentAddress.ByPath) address).path()).toAbsolutePath();
    }
}
