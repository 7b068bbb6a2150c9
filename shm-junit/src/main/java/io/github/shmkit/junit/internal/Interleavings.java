package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.internal.helper.TracedCommand;
import io.github.shmkit.internal.helper.TracedJvm;
import io.github.shmkit.internal.trace.Turns;
import io.github.shmkit.junit.internal.Exploration.Prefix;
import io.github.shmkit.junit.internal.Interleaved.Chooser;
import io.github.shmkit.junit.internal.Interleaved.Departure;
import io.github.shmkit.junit.internal.Interleaved.End;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.AccessLog;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/** All runs of a test that runs programs in different orders. */
public final class Interleavings {
    private final Strategy strategy;
    private final Optional<Schedule> only;
    private final TestSession whole;
    private final Map<String, Warm> warm = new HashMap<>();
    private final List<byte[]> contents = new ArrayList<>();
    private List<String> names = List.of();
    private @Nullable Exploration exploration;
    private @Nullable Prefix next;
    private @Nullable Interleaved last;
    private int runs;
    private int length; // of the longest run
    private boolean failed;

    /** Which orders are run. */
    public sealed interface Strategy {
        /** All with so many preemptions. */
        record Bounded(int preemptions, boolean everywhere, int max) implements Strategy {}

        /** Some by chance. */
        record ByChance(int runs, int depth, long seed) implements Strategy {}
    }

    /** A program that takes part in a run. */
    public sealed interface Part {
        /** Its name in schedules. */
        String name();

        /** A command. */
        record Command(String name, CommandHelper.Builder program, List<Path> files) implements Part {}

        /** A task in a JVM. */
        record Task(String name, JvmHelper.Builder jvm, RemoteCallable<?> task) implements Part {}
    }

    /** A JVM that does a task in each run. */
    private record Warm(TracedJvm jvm, Turns turns) {}

    /** A part that runs; it is ended well or killed. */
    private interface Running {
        Turns turns();

        /** Throws an AssertionError, or the exception of the task, if it did not end well. */
        void end();

        void kill();
    }

    /** What came out of a run. */
    public static final class Result {
        private final Interleaved run;

        Result(Interleaved run) {
            this.run = run;
        }

        /** The accesses of all, with the names of their instructions. */
        public AccessLog log() {
            return new AccessLog(
                    run.done().stream().map(done -> done.access().named()).toList());
        }

        /** The order of the accesses. */
        public Schedule schedule() {
            return run.schedule();
        }
    }

    /**
     * Before any run.
     *
     * @param only the one order to run
     * @param whole the session of all runs, which has the segments
     */
    public Interleavings(Strategy strategy, Optional<Schedule> only, TestSession whole) {
        this.strategy = strategy;
        this.only = only;
        this.whole = whole;
    }

    // --- invocations ---

    /** Whether there is another run to make. */
    public boolean hasNext() {
        if (runs == 0) {
            return true;
        }
        Exploration known = exploration;
        if (failed || only.isPresent() || known == null) {
            return false;
        }
        if (strategy instanceof Strategy.ByChance chance) {
            return runs < chance.runs();
        }
        return !known.isDone() && runs < max();
    }

    private int max() {
        return strategy instanceof Strategy.Bounded bounded ? bounded.max() : Integer.MAX_VALUE;
    }

    /** What is said when there is none any more; empty if there is nothing to say. */
    public Optional<String> lastWord() {
        Exploration known = exploration;
        int left = known == null || strategy instanceof Strategy.ByChance ? 0 : known.left();
        if (only.isPresent() || left == 0) {
            return Optional.empty();
        } else if (failed) {
            return Optional.of(
                    runs + " orders were run until the one that failed; " + left + " that are known were not run");
        }
        return Optional.of(runs + " orders were run, and " + left + " that are known are left; raise max for more");
    }

    /** The next run, for its name. */
    public String begin() {
        int number = runs++;
        Exploration known = exploration;
        if (only.isPresent()) {
            return only.get().toString();
        } else if (known == null) {
            return "one after the other";
        } else if (strategy instanceof Strategy.ByChance chance) {
            return "seed " + chance.seed() + ", run " + number;
        }
        Prefix prefix = known.next();
        next = prefix;
        return Schedule.of(prefix.choices().stream().map(i -> names.get(i)).toList()) + " …";
    }

    /** The test of this run failed: it is the last, and its report tells what the programs did. */
    public void failed(Evidence evidence) {
        failed = true;
        Interleaved run = last;
        if (run != null) {
            evidence.note("again alone with -D" + Setting.SCHEDULE.key() + "=\"" + run.schedule() + "\"");
            evidence.note("accesses:\n" + Columns.of(run, names.size()));
        }
    }

    // --- segments ---

    /** Keeps what they hold before the first run, and has them hold it before each of the others. */
    public void refill() {
        List<Segment> segments = whole.segments();
        for (int i = 0; i < contents.size(); i++) {
            byte[] content = contents.get(i);
            Segment segment = segments.get(i);
            if (segment.size() != content.length) {
                throw new IllegalStateException(segment + " has " + segment.size() + " bytes now and had "
                        + content.length + " in the first invocation; let no program resize it");
            }
            segment.putBytes(0, content);
        }
    }

    /** See {@link #refill}. */
    public void keep() {
        List<Segment> segments = whole.segments();
        for (int i = contents.size(); i < segments.size(); i++) {
            Segment segment = segments.get(i);
            contents.add(segment.getBytes(0, Math.toIntExact(segment.size())));
        }
    }

    // --- a run ---

    /**
     * Runs them.
     *
     * @param session of this run
     * @throws AssertionError if none can go on, or one does not end well
     * @throws TestAbortedException if the order cannot be kept
     */
    public Result run(TestSession session, List<Part> parts) {
        check(parts);
        Interleaved run = new Interleaved();
        Deque<Running> running = new ArrayDeque<>();
        last = run;
        try {
            for (Part part : parts) {
                Running started = start(session, part);
                running.add(started);
                run.add(part.name(), started.turns());
            }
            End end = run(run, parts.size());
            if (end != End.ENDED) {
                throw new AssertionError((end == End.DEADLOCK
                                ? "deadlock: each program waits for another one"
                                : "livelock: each program only reads bytes that no program changes")
                        + "\n  " + String.join("\n  ", run.positions()) + "\nschedule: " + run.schedule());
            }
            while (!running.isEmpty()) {
                running.remove().end();
            }
            return new Result(run);
        } catch (Departure e) {
            killAll(running, e);
            throw new TestAbortedException(e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            killAll(running, e);
            throw e;
        }
    }

    private static void killAll(Deque<Running> running, Throwable thrown) {
        for (Running program : running) {
            try {
                program.kill();
            } catch (RuntimeException | Error e) {
                thrown.addSuppressed(e);
            }
        }
    }

    private void check(List<Part> parts) {
        Set<String> words = new HashSet<>();
        parts.forEach(part -> words.add(Schedule.word(part.name())));
        if (parts.size() < 2) {
            throw new IllegalArgumentException("at least 2 programs make an order, not " + parts.size());
        } else if (words.size() < parts.size()) {
            throw new IllegalArgumentException("each program needs a name of its own: "
                    + parts.stream().map(Part::name).toList());
        }
        List<String> now = parts.stream().map(Part::name).toList();
        if (!names.isEmpty() && !names.equals(now)) {
            throw new IllegalStateException("each invocation runs the same programs: first " + names + ", now " + now);
        }
        names = now;
    }

    private End run(Interleaved run, int programs) {
        Exploration known = exploration;
        if (known == null) {
            known = strategy instanceof Strategy.Bounded bounded
                    ? new Exploration(programs, bounded.preemptions(), bounded.everywhere())
                    : new Exploration(programs, 0, false);
            exploration = known;
            next = known.next();
        }
        End end = run.run(chooser(run, programs));
        length = Math.max(length, run.steps().size());
        if (strategy instanceof Strategy.Bounded) {
            known.ran(run.steps());
        }
        return end;
    }

    private Chooser chooser(Interleaved run, int programs) {
        if (only.isPresent()) {
            return Choosers.following(only.get(), run);
        } else if (strategy instanceof Strategy.ByChance chance) {
            return new Priorities(programs, chance.depth(), length, chance.seed() + runs - 1);
        }
        Prefix prefix = next;
        return Choosers.prefix(prefix == null ? List.of() : prefix.choices(), names);
    }

    private Running start(TestSession session, Part part) {
        return part instanceof Part.Command command ? start(session, command) : start((Part.Task) part);
    }

    private static Running start(TestSession session, Part.Command part) {
        TracedCommand command = session.inTurns(part.program(), part.files());
        Turns turns = command.turns();
        return new Running() {
            @Override
            public Turns turns() {
                return turns;
            }

            @Override
            public void end() {
                try {
                    session.endWell(command);
                    turns.awaitTracerEnd();
                } finally {
                    turns.close();
                }
            }

            @Override
            public void kill() {
                try {
                    command.kill();
                    turns.awaitTracerEnd();
                } finally {
                    turns.close();
                }
            }
        };
    }

    private Running start(Part.Task part) {
        Warm known = warm.computeIfAbsent(part.name(), name -> {
            TracedJvm jvm = whole.inTurnsOfAny(part.jvm());
            return new Warm(jvm, jvm.turns());
        });
        known.turns().restart();
        Remote<?> task = known.jvm().submitArmed(part.task());
        return new Running() {
            @Override
            public Turns turns() {
                return known.turns();
            }

            @Override
            public void end() {
                task.await();
            }

            @Override
            public void kill() {
                warm.remove(part.name());
                try {
                    known.jvm().kill();
                    known.turns().awaitTracerEnd();
                } finally {
                    known.turns().close();
                }
            }
        };
    }
}
