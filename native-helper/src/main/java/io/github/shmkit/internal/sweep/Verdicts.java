package io.github.shmkit.internal.sweep;

import static io.github.shmkit.internal.sweep.Verdict.Decision.DELETE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.FOREIGN;
import static io.github.shmkit.internal.sweep.Verdict.Decision.LIVE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.SUSPECT;
import static io.github.shmkit.internal.sweep.Verdict.Decision.UNKNOWN;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.sweep.Verdict.Rule;

/**
 * Decides what may be deleted: a pure function of what was seen.
 *
 * <p>DELETE needs every proof; whatever could not be found out means "keep". Deciding wrongly to delete destroys
 * somebody's data, deciding wrongly to keep leaves a file behind.
 */
public final class Verdicts {
    /** What an unmapped uid looks like from inside a user namespace: it says nothing about whose the object is. */
    private static final long OVERFLOW_UID = 65534;

    private Verdicts() {}

    /**
     * Judges one object.
     *
     * @param object as the inventory found it
     * @param claim what the sessions say of it
     * @param euid of the user who sweeps
     */
    public static Verdict judge(IpcObject object, Claim claim, long euid) {
        if (claim.stem().isEmpty()) {
            return new Verdict(FOREIGN, Rule.R3_MINE, "no session of shmkit made it");
        }
        String session = "session " + claim.stem();
        if (claim.state() == Claim.State.LIVE) {
            return new Verdict(LIVE, Rule.R5_SESSION_DEAD, session + " is running");
        }
        if (!object.removable()) {
            return new Verdict(SUSPECT, Rule.R1_TYPE, "it is not a regular file with a single link");
        }
        long creator = object.identity() instanceof Identity.OfSysv sysv ? sysv.creatorUid() : object.uid();
        if (creator == OVERFLOW_UID && euid != OVERFLOW_UID) {
            return new Verdict(UNKNOWN, Rule.R2_OWNER, "its owner has no name in this user namespace");
        }
        if (creator != euid) {
            return new Verdict(FOREIGN, Rule.R2_OWNER, "user " + creator + " made it");
        }
        if (claim.state() == Claim.State.LOST) {
            return new Verdict(SUSPECT, Rule.R5_SESSION_DEAD, "the lock of " + session + " is lost, so it may live");
        }
        if (!claim.trouble().isEmpty()) {
            return new Verdict(UNKNOWN, Rule.R0_DOMAIN, "the ledger of " + session + " is void: " + claim.trouble());
        }
        if (claim.entry().isEmpty()) {
            return new Verdict(
                    SUSPECT, Rule.R3_MINE, "it has a name of " + session + ", whose ledger does not know it");
        }
        if (!matches(object, claim.entry().get())) {
            return new Verdict(FOREIGN, Rule.R3_MINE, "it is another object than the one that " + session + " made");
        }
        if (!claim.carriers().isEmpty()) {
            return new Verdict(
                    LIVE,
                    Rule.R6_NO_CARRIER,
                    "process " + claim.carriers().get(0) + ", started by " + session + ", still runs");
        }
        if (object.isMarkedForDestruction()) {
            return new Verdict(LIVE, Rule.R7_UNUSED, "it goes with its last detach");
        }
        if (object.attaches() > 0) {
            return new Verdict(LIVE, Rule.R7_UNUSED, "it is attached " + object.attaches() + " times");
        }
        // Whether a file is in use only its lease tells, which the actuator takes last of all.
        return new Verdict(DELETE, Rule.R7_UNUSED, session + " is dead and left it");
    }

    private static boolean matches(IpcObject object, LedgerContents.Entry entry) {
        if (object.kind() != entry.kind()) {
            return false;
        }
        if (entry.identity().isEmpty()) {
            // Killed between INTENT and COMMIT: the name or the key is random, so it is proof enough.
            return object.identity() instanceof Identity.OfSysv sysv
                    ? sysv.key() == entry.key() && object.size() == entry.size()
                    : object.name().equals(entry.name());
        }
        Identity made = entry.identity().get();
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
