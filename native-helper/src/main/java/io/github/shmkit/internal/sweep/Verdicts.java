package io.github.shmkit.internal.sweep;

import static io.github.shmkit.internal.sweep.Verdict.Decision.DELETE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.FOREIGN;
import static io.github.shmkit.internal.sweep.Verdict.Decision.LIVE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.SUSPECT;
import static io.github.shmkit.internal.sweep.Verdict.Decision.UNKNOWN;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.time.Duration;

/**
 * Decides what may be deleted: a pure function of what was seen.
 *
 * <p>DELETE needs every proof; whatever could not be found out means "keep". Deciding wrongly to delete destroys
 * somebody's data, deciding wrongly to keep leaves a file behind.
 */
public final class Verdicts {
    /** The kernel stamps objects by a clock that only moves with its ticks, and so may still be in the second before. */
    private static final long CLOCK_LAG_SECONDS = 1;

    private Verdicts() {}

    /**
     * Judges one object.
     *
     * @param object as the inventory found it
     * @param claim what connects it with a session
     * @param now what else matters
     */
    public static Verdict judge(IpcObject object, Claim claim, Circumstances now) {
        Proof proof = claim.proof();
        if (proof instanceof Proof.None) {
            return new Verdict(FOREIGN, Rule.R3_MINE, "no session of shmkit has to do with it");
        }
        String session = "session " + claim.stem();
        boolean bySession = !(proof instanceof Proof.ByUser);
        if (bySession && claim.state() == Claim.State.LIVE) {
            return new Verdict(LIVE, Rule.R5_SESSION_DEAD, session + " is running");
        }
        if (!object.removable()) {
            return new Verdict(SUSPECT, Rule.R1_TYPE, "it is not a regular file with a single link");
        }
        long creator = creatorOf(object);
        boolean nameless = now.nameless().isPresent() && now.nameless().getAsLong() == creator;
        // One that is nameless himself has a ledger that nobody else could have written.
        if (nameless && !(creator == now.euid() && proof instanceof Proof.Recorded)) {
            return new Verdict(UNKNOWN, Rule.R2_OWNER, "its owner has no name in this user namespace");
        }
        if (creator != now.euid() && !isRootsToJudge(object, proof, now)) {
            return new Verdict(FOREIGN, Rule.R2_OWNER, "user " + creator + " made it");
        }
        if (bySession && claim.state() == Claim.State.LOST) {
            return new Verdict(SUSPECT, Rule.R5_SESSION_DEAD, "the lock of " + session + " is lost, so it may live");
        }
        if (!claim.trouble().isEmpty()) {
            return new Verdict(UNKNOWN, Rule.R0_DOMAIN, "the ledger of " + session + " is void: " + claim.trouble());
        }
        if (proof instanceof Proof.Name) {
            return new Verdict(
                    SUSPECT, Rule.R3_MINE, "it has a name of " + session + ", whose ledger does not know it");
        }
        if (!isMeant(object, proof)) {
            return new Verdict(FOREIGN, Rule.R3_MINE, "it is another object than the one that " + session + " made");
        }
        if (proof instanceof Proof.Observed observed && !observed.objection().isEmpty()) {
            return new Verdict(
                    SUSPECT, Rule.R3_MINE, made(observed.observation(), session) + ", but " + observed.objection());
        }
        if (!(proof instanceof Proof.Recorded) && !now.secretive().isEmpty()) {
            return new Verdict(
                    UNKNOWN,
                    Rule.R5_SESSION_DEAD,
                    "session " + now.secretive() + " is running, and what it has made cannot be read");
        }
        if (object.kind().isUnaccounted()
                && (proof instanceof Proof.Observed
                        || (proof instanceof Proof.New && !(now.exclusive() && !now.othersLive())))) {
            return new Verdict(
                    SUSPECT,
                    Rule.R7_UNUSED,
                    "the kernel does not tell who uses it; " + (claim.stem().isEmpty() ? "somebody else" : session)
                            + " may have made it");
        }
        if (proof instanceof Proof.New fresh && !(now.exclusive() && !now.othersLive())) {
            return new Verdict(
                    SUSPECT,
                    Rule.R4_EXCLUSIVE,
                    now.exclusive()
                            ? isNewSince(claim) + ", but another session ran beside it"
                            : isNewSince(claim) + ", and nothing tells who made it" + holder(fresh));
        }
        if (!claim.carriers().isEmpty()) {
            return new Verdict(
                    LIVE,
                    Rule.R6_NO_CARRIER,
                    "process " + claim.carriers().get(0) + ", started by " + session + ", still runs");
        }
        if (!(proof instanceof Proof.Recorded) && claim.unreadable() > 0) {
            return new Verdict(
                    UNKNOWN,
                    Rule.R6_NO_CARRIER,
                    (claim.unreadable() == 1 ? "a process" : claim.unreadable() + " processes")
                            + " of this user cannot be looked at, and may be of " + session);
        }
        if (object.isMarkedForDestruction()) {
            return new Verdict(LIVE, Rule.R7_UNUSED, "it goes with its last detach");
        }
        if (object.attaches() > 0) {
            return new Verdict(LIVE, Rule.R7_UNUSED, "it is attached " + object.attaches() + " times");
        }
        if (needsAge(proof)) {
            long age = now.nowSeconds() - object.modifiedSeconds();
            if (age < 0) {
                return new Verdict(UNKNOWN, Rule.R8_QUIESCENT, "it was last touched in the future: a clock was set");
            }
            long minAge = minAge(proof, now).toSeconds();
            if (age < minAge) {
                return new Verdict(
                        LIVE,
                        Rule.R8_QUIESCENT,
                        "it was touched " + age + " s ago, less than the minimum age of " + minAge + " s");
            }
        }
        return new Verdict(DELETE, Rule.R7_UNUSED, reason(object, claim, session));
    }

    /**
     * Whether root may remove what another user made: a descendant of the build did, by the kernel's word; or the user
     * names that very object, or says that nobody else makes any.
     */
    private static boolean isRootsToJudge(IpcObject object, Proof proof, Circumstances now) {
        if (now.euid() != 0) {
            return false;
        }
        if (proof instanceof Proof.Observed observed) {
            return observed.observation().proof() == LedgerContents.Maker.DESCENDANT && isMeant(object, proof);
        }
        return proof instanceof Proof.ByUser byUser
                ? byUser.declared().isExact()
                : proof instanceof Proof.New && now.exclusive();
    }

    private static String holder(Proof.New fresh) {
        return fresh.holder()
                .map(seen -> "; " + Claims.process(seen.pid(), seen.command()) + " had it open")
                .orElse("");
    }

    /**
     * Whether another user created it, by a name or with an id that is a session's: nothing of the session is left by it. A
     * file that its own session gave away by chown(2) is still the one in the ledger.
     */
    static boolean isAnotherUsers(IpcObject object, Claim claim, long euid) {
        Proof proof = claim.proof();
        boolean identified = proof instanceof Proof.Recorded || proof instanceof Proof.Observed;
        return creatorOf(object) != euid && !(identified && isMeant(object, proof));
    }

    private static long creatorOf(IpcObject object) {
        return object.identity() instanceof Identity.OfSysv sysv ? sysv.creatorUid() : object.uid();
    }

    private static boolean needsAge(Proof proof) {
        return proof instanceof Proof.ByUser || proof instanceof Proof.New;
    }

    private static Duration minAge(Proof proof, Circumstances now) {
        if (!(proof instanceof Proof.ByUser byUser)) {
            return now.minAgeOfNew();
        }
        return now.minAge().compareTo(byUser.leastAge()) < 0 ? byUser.leastAge() : now.minAge();
    }

    private static String isNewSince(Claim claim) {
        return "it is new since " + (claim.stem().isEmpty() ? "the snapshot" : "session " + claim.stem() + " began");
    }

    private static String reason(IpcObject object, Claim claim, String session) {
        Proof proof = claim.proof();
        if (proof instanceof Proof.Observed seen) {
            return made(seen.observation(), session) + unused(object);
        }
        if (proof instanceof Proof.ByUser byUser) {
            return "it was declared the build's own by '" + byUser.declared().text() + "'" + unused(object);
        }
        return proof instanceof Proof.New
                ? isNewSince(claim) + ", on a host where nobody else makes objects"
                : session + " is dead and left it";
    }

    private static String made(LedgerContents.Observation seen, String session) {
        return "process " + seen.pid() + (seen.command().isEmpty() ? "" : " (" + seen.command() + ")") + " of "
                + session + " made it";
    }

    /** Whether a file is in use only its lease tells, which the actuator takes last of all, and which is not asked here. */
    private static String unused(IpcObject object) {
        return object.kind().isSysv()
                ? " and nobody uses it"
                : object.kind() == IpcKind.DIRECTORY
                        ? " and nothing stays in it"
                        : "; it goes unless a process has it open";
    }

    /** Whether it is the object of which a ledger speaks; of what no ledger speaks, nothing else can be meant. */
    static boolean isMeant(IpcObject object, Proof proof) {
        if (proof instanceof Proof.Recorded recorded) {
            return matches(object, recorded.entry());
        }
        return !(proof instanceof Proof.Observed observed) || matches(object, observed.observation());
    }

    /** All that was seen of it must still be so; but a file may grow, and the kernel need not show us a maker's pid. */
    private static boolean matches(IpcObject object, LedgerContents.Observation seen) {
        if (object.identity() instanceof Identity.OfSysv now && seen.identity() instanceof Identity.OfSysv then) {
            return object.kind() == seen.kind()
                    && now.id() == then.id()
                    && (now.key() == then.key() || object.isMarkedForDestruction())
                    && now.creatorUid() == then.creatorUid()
                    && now.ctimeSeconds() == then.ctimeSeconds()
                    && (object.kind() == IpcKind.SYSV_MSG || object.size() == seen.size())
                    && (object.creatorPid() == 0 || object.creatorPid() == seen.pid());
        }
        return matches(object, seen.identity());
    }

    private static boolean matches(IpcObject object, LedgerContents.Entry entry) {
        if (object.kind() != entry.kind()) {
            return false;
        }
        if (entry.identity().isEmpty()) {
            // Killed between INTENT and COMMIT: the name or the key is random. Of a key with 32 bits a little more is
            // asked:
            // here the time, and the actuator sees to it that nobody has used the set or queue yet.
            return object.identity() instanceof Identity.OfSysv sysv
                    ? sysv.key() == entry.key()
                            && object.size() == entry.size()
                            && sysv.ctimeSeconds() >= entry.notBefore() - CLOCK_LAG_SECONDS
                    : object.name().equals(entry.name());
        }
        // The size of a System V object never changes; that of a file may.
        return (!object.kind().isSysv() || object.kind() == IpcKind.SYSV_MSG || object.size() == entry.size())
                && matches(object, entry.identity().get());
    }

    private static boolean matches(IpcObject object, Identity made) {
        if (object.identity() instanceof Identity.OfFile now && made instanceof Identity.OfFile then) {
            return now.device() == then.device()
                    && now.inode() == then.inode()
                    && (now.btimeNanos() == then.btimeNanos() || now.btimeNanos() == 0 || then.btimeNanos() == 0);
        }
        // The change time moves with IPC_SET, but never back.
        return object.identity() instanceof Identity.OfSysv now
                && made instanceof Identity.OfSysv then
                && now.id() == then.id()
                && (now.key() == then.key() || object.isMarkedForDestruction())
                && now.creatorUid() == then.creatorUid()
                && now.ctimeSeconds() >= then.ctimeSeconds();
    }
}
