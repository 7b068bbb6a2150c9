package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which findings a build has to answer for.
 *
 * @param session the build's own; empty for none, and then the leftovers of every dead session count
 * @param baseline what was there before, for steps that are not one build; then what is new counts
 * @param exclusive nobody else makes objects here, so that what is new is the build's
 * @param uid of this user
 */
record LeakRule(String session, Optional<BaselineFile> baseline, boolean exclusive, long uid) {
    List<Finding> of(Collection<Finding> findings) {
        return findings.stream().filter(this::isLeak).toList();
    }

    boolean isLeak(Finding finding) {
        if (finding.object().isMarkedForDestruction() || isInNobodysWay(finding)) {
            return false;
        }
        if (Hermetic.isFrom(finding)) {
            return true; // nobody else was in that namespace, and no baseline speaks of it
        }
        if (baseline.isPresent()) {
            return finding.object().uid() == uid && !baseline.get().contains(finding.object());
        }
        Proof proof = finding.claim().proof();
        if (proof instanceof Proof.ByUser) {
            return true;
        }
        if (!session.isEmpty() && !Owner.of(finding).session().equals(session)) {
            return false;
        }
        return proof instanceof Proof.Recorded
                || proof instanceof Proof.Observed
                || (proof instanceof Proof.New && exclusive);
    }

    /**
     * Whether the build may have made it, though nothing proves that it did, and it is still there. Nobody is accused by it:
     * another program of this host may have made it just as well.
     */
    boolean isPossible(Finding finding) {
        if (finding.isRemoved() || isLeak(finding)) {
            return false;
        }
        boolean othersObject = finding.object().uid() != uid;
        if (baseline.isPresent()) {
            return uid == 0
                    && othersObject
                    && finding.object().attaches() <= 0
                    && !baseline.get().contains(finding.object());
        }
        boolean ofThisBuild = !session.isEmpty() && Owner.of(finding).session().equals(session);
        // Only root's programs make objects of other users.
        return ofThisBuild && (uid == 0 || !othersObject || !(finding.claim().proof() instanceof Proof.New));
    }

    /** Another's, or of somebody who is still at work with it. */
    private boolean isInNobodysWay(Finding finding) {
        Decision decision = finding.verdict().decision();
        Rule rule = finding.verdict().rule();
        if (decision == Decision.FOREIGN) {
            return baseline.isEmpty()
                    || rule == Rule.R2_OWNER
                    || finding.object().attaches() > 0;
        }
        // A build's own object that is still attached at its end is a leak; one of a session that runs is none.
        return decision == Decision.LIVE
                && (rule == Rule.R5_SESSION_DEAD
                        || (finding.claim().proof() instanceof Proof.ByUser && rule == Rule.R7_UNUSED));
    }
}
