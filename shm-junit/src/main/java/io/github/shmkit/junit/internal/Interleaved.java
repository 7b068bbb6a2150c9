package io.github.shmkit.junit.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.helper.Blocked;
import io.github.shmkit.internal.trace.LogRecord;
import io.github.shmkit.internal.trace.Turns;
import io.github.shmkit.junit.internal.Exploration.Candidate;
import io.github.shmkit.junit.internal.Exploration.Step;
import io.github.shmkit.trace.Access.Kind;
import io.github.shmkit.trace.Held;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Runs several programs, which make one access at a time in an order that is chosen. */
final class Interleaved {
    /** Turns that all programs get although they only look at what they have seen. */
    private static final int IDLE_TURNS = 500;

    /** Of one run: it would not end. */
    private static final int MOST_STEPS = 200_000;

    private static final long SCHED_YIELD = 24;
    /** After so many looks at which all wait for ever, none of which another wakes, they do. */
    private static final int CERTAIN_LOOKS = 3;

    private static final long LOOK_NANOS = 1_000_000;

    private final List<Program> programs = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Done> done = new ArrayList<>();
    private int current = -1;
    private int idle;

    /** Chooses who makes the next access. */
    interface Chooser {
        /**
         * One of those that are enabled.
         *
         * @param number of the choice, from 0
         * @param current who made the access before, -1 at first
         * @throws Departure if the one that was to be chosen is none of them
         */
        int choose(int number, int current, List<Candidate> enabled);
    }

    /** A run does not do what it is to repeat. */
    static final class Departure extends RuntimeException {
        private static final long serialVersionUID = 1;

        Departure(String message) {
            super(message);
        }
    }

    /** An access, and who made it. */
    record Done(int program, LogRecord.Made access) {}

    /** How it ended. */
    enum End {
        /** Each program has made all its accesses. */
        ENDED,
        /** All that have not ended are blocked. */
        DEADLOCK,
        /** All that have not ended only look at what does not change. */
        LIVELOCK
    }

    private static final class Program {
        private final String name;
        private final Turns turns;
        private int seen;
        private Held.State state = Held.State.RESUMED;
        /** What it has seen where, since it or another one changed something. */
        private final Set<String> sights = new HashSet<>();

        private boolean spins;

        Program(String name, Turns turns) {
            this.name = name;
            this.turns = turns;
        }

        void looksAnew() {
            sights.clear();
            spins = false;
        }
    }

    /** The next program; its number is how many there were before. */
    void add(String name, Turns turns) {
        programs.add(new Program(name, turns));
    }

    /** Runs them to their ends, or until none can go on. */
    End run(Chooser chooser) {
        programs.forEach(program -> program.state = program.turns.await());
        while (true) {
            List<Integer> held = held();
            if (held.isEmpty()) {
                if (programs.stream().allMatch(program -> program.state == Held.State.ENDED)) {
                    return End.ENDED;
                } else if (!somethingMoves()) {
                    return End.DEADLOCK;
                }
                continue;
            }
            List<Integer> busy =
                    held.stream().filter(i -> !programs.get(i).spins).toList();
            if (busy.isEmpty() && ++idle > IDLE_TURNS) {
                return End.LIVELOCK;
            }
            List<Candidate> enabled = (busy.isEmpty() ? held : busy)
                    .stream().map(i -> candidate(i, next(i))).toList();
            int chosen = busy.isEmpty() ? enabled.get(idle % enabled.size()).program() : choose(chooser, enabled);
            turn(chosen);
        }
    }

    private int choose(Chooser chooser, List<Candidate> enabled) {
        if (steps.size() >= MOST_STEPS) {
            throw new ShmException("the programs made " + MOST_STEPS + " accesses and did not end:\n  "
                    + String.join("\n  ", positions()));
        }
        int chosen = chooser.choose(steps.size(), current, enabled);
        steps.add(new Step(chosen, current, enabled));
        current = chosen;
        return chosen;
    }

    private List<Integer> held() {
        List<Integer> held = new ArrayList<>();
        for (int i = 0; i < programs.size(); i++) {
            if (programs.get(i).state == Held.State.HELD) {
                held.add(i);
            }
        }
        return held;
    }

    private static Candidate candidate(int program, LogRecord.Waits waits) {
        boolean yields = waits.systemCall().isPresent() && waits.systemCall().getAsLong() == SCHED_YIELD;
        return new Candidate(program, waits.ranges(), waits.ranges().isEmpty() && !yields);
    }

    private LogRecord.Waits next(int program) {
        return programs.get(program).turns.waiting().get(0);
    }

    private void turn(int number) {
        Program program = programs.get(number);
        program.turns.give(next(number));
        program.state = program.turns.await();
        take(number);
        for (int other = 0; other < programs.size(); other++) {
            if (other != number && programs.get(other).state == Held.State.BLOCKED) {
                wake(other);
            }
        }
    }

    /** One that was blocked may have been released by what another did. */
    private void wake(int number) {
        Program program = programs.get(number);
        Held.State now = program.turns.look();
        if (now != Held.State.BLOCKED) {
            program.state = now == Held.State.RESUMED ? program.turns.await() : now;
            take(number);
        }
    }

    /** What it did is the next that was done. */
    private void take(int number) {
        Program program = programs.get(number);
        List<LogRecord.Made> made = program.turns.made();
        for (; program.seen < made.size(); program.seen++) {
            LogRecord.Made access = made.get(program.seen);
            done.add(new Done(number, access));
            if (isYield(access)) {
                program.spins = true;
            } else if (!access.changes().isEmpty()) {
                idle = 0;
                programs.forEach(Program::looksAnew);
            } else {
                program.spins = !program.sights.add(sight(access));
                if (access.kind() instanceof Kind.SystemCall call && call.result() >= 0 && !program.spins) {
                    // It may have unlocked what others look at.
                    idle = 0;
                    programs.stream().filter(other -> other != program).forEach(Program::looksAnew);
                }
            }
        }
    }

    private static boolean isYield(LogRecord.Made access) {
        return access.kind() instanceof Kind.SystemCall call && call.number() == SCHED_YIELD;
    }

    /** What it saw where. */
    private static String sight(LogRecord.Made access) {
        return access.place().address() + " " + access.tid() + " "
                + (access.kind() instanceof Kind.Load load ? load.values() : access.kind());
    }

    /**
     * All that are left are blocked. Either one is woken, by its own limit on the time for example, or all wait for ever.
     *
     * @throws ShmTimeoutException if neither is certain after the longest wait
     */
    private boolean somethingMoves() {
        List<Integer> blocked = IntStream.range(0, programs.size())
                .filter(i -> programs.get(i).state == Held.State.BLOCKED)
                .boxed()
                .toList();
        Duration max = programs.get(blocked.get(0)).turns.max();
        long start = System.nanoTime();
        for (int calm = 0; calm < CERTAIN_LOOKS; ) {
            for (int i : blocked) {
                wake(i);
                if (programs.get(i).state != Held.State.BLOCKED) {
                    return true;
                }
            }
            calm = blocked.stream().allMatch(this::waitsForEver) ? calm + 1 : 0;
            if (System.nanoTime() - start > max.toNanos()) {
                throw new ShmTimeoutException(
                        "no program went on within " + max.toMillis() + " ms:\n  " + String.join("\n  ", positions()));
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return false;
    }

    private boolean waitsForEver(int number) {
        return programs.get(number).turns.unfinished().stream()
                .allMatch(turn -> Blocked.forEver(turn.pid(), turn.tid()));
    }

    /** The choices. */
    List<Step> steps() {
        return steps;
    }

    /** The accesses of all, in the order in which they were made. */
    List<Done> done() {
        return done;
    }

    /** The order of the accesses. */
    Schedule schedule() {
        return Schedule.of(
                steps.stream().map(step -> programs.get(step.chosen()).name).toList());
    }

    String name(int program) {
        return programs.get(program).name;
    }

    /** What those that have not ended wait for. */
    List<String> positions() {
        return programs.stream()
                .filter(program -> program.state != Held.State.ENDED)
                .map(program -> program.name + " "
                        + switch (program.state) {
                            case BLOCKED ->
                                "is blocked in "
                                        + program.turns.unfinished().stream()
                                                .map(turn -> turn.named().toString())
                                                .collect(Collectors.joining("; "));
                            default ->
                                "is before: "
                                        + program.turns.waiting().stream()
                                                .findFirst()
                                                .map(waits -> waits.named().toString())
                                                .orElse("nothing");
                        })
                .toList();
    }

    /** A program by its name in schedules; empty if there is none. */
    Optional<Integer> number(String word) {
        for (int i = 0; i < programs.size(); i++) {
            if (Schedule.word(programs.get(i).name).equals(word)) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }
}
