package io.github.shmkit.junit.internal;

import io.github.shmkit.trace.PendingAccess.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Which schedules of several programs are run: all that have at most so many preemptions, each once, those with fewer first.
 *
 * <p>A schedule is a prefix, who makes which access, and what follows by itself: whoever made the last access goes on until it
 * ends or is blocked, then the next one does. The first run has no prefix; each run that has been made adds those that differ from
 * it in one choice.
 *
 * <p>A program is preempted only before an access that another one may conflict with. Which those are is known from the runs
 * until then; when a run adds to it, the earlier ones are looked at again.
 */
final class Exploration {
    private final int preemptions;
    private final boolean everywhere;
    private final PriorityQueue<Prefix> todo =
            new PriorityQueue<>(Comparator.comparingInt(Prefix::preemptions).thenComparingInt(Prefix::number));
    private final Set<List<Integer>> known = new HashSet<>();
    private final List<List<Step>> runs = new ArrayList<>();
    private final List<Set<Range>> touched = new ArrayList<>();
    private int numbers;

    /** Who makes the first accesses. */
    record Prefix(List<Integer> choices, int preemptions, int number) {}

    /**
     * A choice that was made.
     *
     * @param chosen who made an access
     * @param current who made the one before, -1 at first
     * @param enabled who could have, each with what it was about to touch; one that spins is none of them if another is
     */
    record Step(int chosen, int current, List<Candidate> enabled) {
        private OptionalInt preempted() {
            return enabled.stream().anyMatch(c -> c.program() == current)
                    ? OptionalInt.of(current)
                    : OptionalInt.empty();
        }

        boolean isPreemption() {
            return chosen != current && preempted().isPresent();
        }

        private Candidate of(int program) {
            return enabled.stream()
                    .filter(candidate -> candidate.program() == program)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /**
     * A program that can go on.
     *
     * @param ranges what it is about to touch
     * @param withAll whether it may conflict with any access: a system call of which that is not known
     */
    record Candidate(int program, List<Range> ranges, boolean withAll) {}

    /**
     * Begins with the schedule that has no preemption.
     *
     * @param everywhere whether programs are preempted before accesses that do not conflict with others as well
     */
    Exploration(int programs, int preemptions, boolean everywhere) {
        this.preemptions = preemptions;
        this.everywhere = everywhere;
        for (int i = 0; i < programs; i++) {
            touched.add(new HashSet<>());
        }
        add(List.of(), 0);
    }

    boolean isDone() {
        return todo.isEmpty();
    }

    /** How many are known and were not run. */
    int left() {
        return todo.size();
    }

    Prefix next() {
        return todo.remove();
    }

    /** A run has been made, which may have left the prefix that it was to follow. */
    void ran(List<Step> steps) {
        runs.add(steps);
        boolean news = false;
        for (Step step : steps) {
            for (Candidate candidate : step.enabled()) {
                news |= touched.get(candidate.program()).addAll(candidate.ranges());
            }
        }
        if (news) {
            runs.forEach(this::branch);
        } else {
            branch(steps);
        }
    }

    private void branch(List<Step> steps) {
        List<Integer> choices = new ArrayList<>();
        int made = 0;
        for (Step step : steps) {
            OptionalInt preempted = step.preempted();
            boolean free = preempted.isEmpty();
            if (free || (made < preemptions && isWorthIt(step, preempted.getAsInt()))) {
                for (Candidate other : step.enabled()) {
                    if (other.program() != step.chosen() && other.program() != step.current()) {
                        List<Integer> branch = new ArrayList<>(choices);
                        branch.add(other.program());
                        add(List.copyOf(branch), made + (free ? 0 : 1));
                    }
                }
            }
            choices.add(step.chosen());
            known.add(List.copyOf(choices)); // it has been run
            made += step.isPreemption() ? 1 : 0;
        }
    }

    private boolean isWorthIt(Step step, int program) {
        if (everywhere) {
            return true;
        }
        List<Range> ranges = step.of(program).ranges();
        if (step.of(program).withAll()) {
            return true;
        }
        for (int other = 0; other < touched.size(); other++) {
            if (other != program && conflicts(ranges, touched.get(other))) {
                return true;
            }
        }
        return false;
    }

    private static boolean conflicts(List<Range> ranges, Set<Range> others) {
        return ranges.stream().anyMatch(range -> others.stream().anyMatch(range::conflictsWith));
    }

    private void add(List<Integer> choices, int made) {
        if (known.add(choices)) {
            todo.add(new Prefix(choices, made, numbers++));
        }
    }
}
