package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.Blocked;
import io.github.shmkit.internal.helper.HelperProcess;
import io.github.shmkit.internal.helper.Standstill;
import io.github.shmkit.internal.helper.Standstill.Waiting;
import io.github.shmkit.internal.helper.ThreadDump;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.JvmHelper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.opentest4j.AssertionFailedError;

/** Watches those that live on after a death: whether they go on. */
public final class Survivors {
    /** What goes on most often does so before. */
    private static final Duration BEFORE_FIRST_LOOK = Duration.ofMillis(20);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final long POLL_MICROS = 500;

    private final TestSession session;
    private final List<HelperProcess> helpers;

    private Survivors(TestSession session, List<HelperProcess> helpers) {
        this.session = session;
        this.helpers = helpers;
    }

    /**
     * Waits until each is done: a program has ended well, a JVM its tasks.
     *
     * @throws AssertionFailedError if one has not by then, ends otherwise, or it is certain that it never will
     */
    public static void await(TestSession session, List<? extends Helper> helpers, Duration max) {
        List<HelperProcess> processes = new ArrayList<>();
        for (Helper helper : helpers) {
            if (!(helper instanceof HelperProcess process)) {
                throw new IllegalArgumentException(helper + " has no process of its own; remove inProcess()");
            }
            processes.add(process);
        }
        new Survivors(session, processes).await(max);
    }

    private void await(Duration max) {
        long start = System.nanoTime();
        long nextLook = start + BEFORE_FIRST_LOOK.toNanos();
        while (true) {
            helpers.forEach(this::requireWell);
            List<HelperProcess> open =
                    helpers.stream().filter(helper -> !helper.isDone()).toList();
            if (open.isEmpty()) {
                helpers.forEach(this::requireWell); // one may have ended between the two looks
                return;
            }
            long now = System.nanoTime();
            if (now - nextLook > 0) {
                Standstill.of(open, session.helpers()).ifPresent(waiting -> {
                    throw failure("the others cannot go on: " + describe(waiting), open);
                });
                nextLook = System.nanoTime() + BETWEEN_LOOKS.toNanos();
            }
            if (now - start > max.toNanos()) {
                throw failure(
                        "the others did not go on within " + max.toMillis() + " ms: "
                                + open.stream()
                                        .map(helper -> helper + " is " + helper.state() + waits(helper))
                                        .collect(Collectors.joining("; ")),
                        open);
            }
            pause();
        }
    }

    /** For the message of a wait that has lasted too long: who waits for ever; empty if somebody does not. */
    static String standstill(TestSession session) {
        Survivors all = new Survivors(
                session,
                session.helpers().stream().filter(HelperProcess::isAlive).toList());
        return Standstill.of(all.helpers, all.helpers)
                .map(waiting -> "; " + all.describe(waiting))
                .orElse("");
    }

    private static void pause() {
        try {
            TimeUnit.MICROSECONDS.sleep(POLL_MICROS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while waiting for the others to go on", e);
        }
    }

    private void requireWell(HelperProcess helper) {
        helper.undeclaredDeath().ifPresent(death -> {
            helper.expectExit(ExitPredicate.any()); // it is told now
            throw failure("the others did not go on: " + death, List.of());
        });
    }

    /** They have been judged: their end is none of the test's business any more. */
    private static AssertionFailedError failure(String message, List<HelperProcess> open) {
        AssertionFailedError failure = new AssertionFailedError(message);
        open.forEach(HelperProcess::kill);
        return failure;
    }

    private String waits(HelperProcess helper) {
        return Standstill.waitsOf(helper).stream()
                .findFirst()
                .map(waiting -> ", in " + waiting.where() + in(waiting))
                .orElse("");
    }

    private String describe(List<Waiting> waiting) {
        return waiting.stream().map(this::describe).collect(Collectors.joining("; "))
                + "; no other process could wake them";
    }

    private String describe(Waiting waiting) {
        Optional<Segment> segment = segmentOf(waiting);
        String label = segment.map(Segment::label).or(waiting::object).orElse("");
        String place = label.isEmpty() ? "" : label + "+0x" + Long.toHexString(waiting.offset());
        return who(waiting.pid()) + " waits for ever in " + waiting.call()
                + (place.isEmpty() ? "" : " at " + place)
                + waiting.detail()
                        .value()
                        .map(value -> ", where the int is " + value)
                        .orElse("")
                + in(waiting)
                + (place.isEmpty() ? "" : written(place, label, waiting.offset()));
    }

    private String who(long pid) {
        return session.helpers().stream()
                .filter(helper -> helper.pid() == pid)
                .map(HelperProcess::toString)
                .findFirst()
                .orElse("process " + pid);
    }

    private String in(Waiting waiting) {
        List<String> functions = session.helpers().stream()
                .filter(helper -> helper.pid() == waiting.pid() && helper instanceof JvmHelper)
                .findFirst()
                .flatMap(ThreadDump::of)
                .map(ThreadDump::tasks)
                .orElseGet(() -> waiting.detail().functions());
        return functions.isEmpty() ? "" : ", in " + String.join(" of ", functions);
    }

    private Optional<Segment> segmentOf(Waiting waiting) {
        return session.segments().stream()
                .filter(segment -> Blocked.offsets(waiting.pid(), segment).contains(waiting.offset()))
                .findFirst();
    }

    private String written(String place, String label, long offset) {
        return session.lastChange(label, offset)
                .map(change -> "; " + place + " was written last by " + change)
                .orElse("");
    }

    /** The same for programs, which are started first. */
    public static List<Helper> started(io.github.shmkit.process.CommandHelper.Builder... programs) {
        return Arrays.stream(programs)
                .<Helper>map(io.github.shmkit.process.CommandHelper.Builder::start)
                .toList();
    }
}
