package io.github.shmkit.internal.sweep;

import static io.github.shmkit.internal.sweep.Verdict.Decision.LIVE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.UNKNOWN;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.SessionProbe;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Living processes that used an object and may do so again, although none has it open or attached right now: its maker, and
 * those that the kernel recorded last.
 *
 * <p>A pid that is another process's by now keeps an object, too: until that process has ended.
 */
final class Users {
    private final Map<String, SessionProbe> sessions;
    private final Map<Long, Boolean> alive = new HashMap<>();
    private Optional<Waiters> waiters = Optional.empty();

    /** Of claims of these sessions, by stem. */
    Users(Map<String, SessionProbe> sessions) {
        this.sessions = sessions;
    }

    /** Why an object that would be deleted stays; empty if nothing speaks for that. */
    Optional<Verdict> of(IpcObject object, Claim claim) {
        Proof proof = claim.proof();
        if (proof instanceof Proof.Observed observed) {
            LedgerContents.Observation seen = observed.observation();
            if (ProcFs.isProcess(seen.pid(), seen.startTime())) {
                return runs(seen.pid(), "which made it,");
            }
            if (!isOfThisPidNamespace(claim)) {
                return hidden();
            }
        }
        if (!(object.identity() instanceof Identity.OfSysv sysv)) {
            return Optional.empty();
        }
        boolean recorded = proof instanceof Proof.Recorded; // then its maker's session is dead
        if (!recorded && isAlive(object.creatorPid())) {
            return runs(object.creatorPid(), "which made it,");
        }
        try {
            for (long pid : lastUsers(object, sysv.id())) {
                if (isAlive(pid)) {
                    return runs(pid, "which used it last,");
                }
            }
        } catch (OsException e) {
            return Optional.of(
                    new Verdict(UNKNOWN, Rule.R7_UNUSED, "who used it last cannot be found out: " + e.getMessage()));
        }
        if (object.kind() == IpcKind.SYSV_SHM && proof instanceof Proof.Observed && isHidden(object, sysv)) {
            return hidden();
        }
        return object.kind() == IpcKind.SYSV_MSG ? waiter(sysv.id(), recorded) : Optional.empty();
    }

    private boolean isOfThisPidNamespace(Claim claim) {
        return Optional.ofNullable(sessions.get(claim.stem()))
                .flatMap(SessionProbe::ledger)
                .map(ledger -> ledger.header().pidNamespace() == ProcFs.namespace("pid"))
                .orElse(false);
    }

    private static Optional<Verdict> hidden() {
        return Optional.of(new Verdict(
                UNKNOWN, Rule.R7_UNUSED, "a process of another pid namespace made or used it, and may still run"));
    }

    private static List<Long> lastUsers(IpcObject object, int id) {
        long[] pids = switch (object.kind()) {
            case SYSV_SEM -> Os.semPids(id, Math.toIntExact(object.size()));
            case SYSV_MSG -> Os.msgPids(id);
            default -> new long[] {object.lastPid()};
        };
        List<Long> users = new ArrayList<>();
        for (long pid : pids) {
            users.add(pid);
        }
        return users;
    }

    /** The kernel shows 0 for a process of a pid namespace that is not below ours. */
    private static boolean isHidden(IpcObject object, Identity.OfSysv sysv) {
        return object.creatorPid() == 0 || (object.lastPid() == 0 && object.modifiedSeconds() > sysv.ctimeSeconds());
    }

    private Optional<Verdict> waiter(int queue, boolean recorded) {
        if (waiters.isEmpty()) {
            waiters = Optional.of(Waiters.find(Os.euid()));
        }
        Optional<Long> waiter = waiters.get().at(queue);
        return waiter.isPresent() || recorded || waiters.get().all()
                ? waiter.flatMap(pid -> runs(pid, "which waits at it,"))
                : Optional.of(new Verdict(
                        UNKNOWN,
                        Rule.R7_UNUSED,
                        "a process of this user cannot be looked at, and may wait at the queue"));
    }

    private boolean isAlive(long pid) {
        return pid > 0 && pid != Os.pid() && alive.computeIfAbsent(pid, ProcFs::isAlive);
    }

    private static Optional<Verdict> runs(long pid, String role) {
        String name = ProcFs.name(pid);
        return Optional.of(new Verdict(
                LIVE,
                Rule.R7_UNUSED,
                "process " + pid + (name.isEmpty() ? "" : " (" + name + ")") + ", " + role + " still runs"));
    }
}
