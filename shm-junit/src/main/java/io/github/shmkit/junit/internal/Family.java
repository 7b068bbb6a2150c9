package io.github.shmkit.junit.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.helper.HelperProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program and what it started.
 *
 * <p>The program is ended first: what it started may be there to clean up after it, as the resource tracker of Python's
 * multiprocessing is, and an object that was left because we killed that one would be our fault.
 */
final class Family {
    private static final int ROUNDS = 8;

    private final HelperProcess leader;
    private final long supervisor;
    private final List<ProcessTree.Member> known;

    private Family(HelperProcess leader, long supervisor) {
        this.leader = leader;
        this.supervisor = supervisor;
        this.known = ProcessTree.descendants(leader.pid());
    }

    /**
     * Ends a program that is alive, then what it started and what does nothing of its own accord any more.
     *
     * @param supervisor the pid of the process that gets its orphans
     * @param grace for those that do something, how long at most
     */
    static void end(HelperProcess leader, long supervisor, Duration grace) {
        Family family = new Family(leader, supervisor);
        if (!family.known.isEmpty()) {
            family.end(grace);
        }
    }

    private void end(Duration grace) {
        leader.signal(Signal.SIGKILL);
        try {
            leader.awaitExit(grace);
        } catch (ShmException e) {
            return; // whoever closes it says so
        }
        Rest.await(() -> alive().stream().map(ProcessTree.Member::pid).toList(), () -> false, grace);
        // What is killed may have started another meanwhile.
        List<ProcessTree.Member> left = alive();
        for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
            left.forEach(ProcessTree.Member::kill);
            left = alive();
        }
    }

    /** Those of its group: one that left it is a leak. */
    private List<ProcessTree.Member> alive() {
        List<ProcessTree.Member> alive = new ArrayList<>(known.stream()
                .filter(member -> member.group() == leader.pid())
                .filter(ProcessTree.Member::isAlive)
                .toList());
        ProcessTree.children(supervisor).stream()
                .filter(orphan -> orphan.group() == leader.pid() && orphan.pid() != leader.pid())
                .filter(orphan -> alive.stream().noneMatch(member -> member.pid() == orphan.pid()))
                .forEach(alive::add);
        return alive;
    }
}
