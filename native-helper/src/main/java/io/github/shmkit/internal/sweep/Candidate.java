package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.sweep.Claim.Proof;

/** An object, what connects it with a session, and what was decided. */
record Candidate(IpcObject object, Claim claim, Verdict verdict) {
    boolean isToDelete() {
        return verdict.decision() == Verdict.Decision.DELETE;
    }

    /** Whether a ledger names it, so that its name or key alone says whose it is. */
    boolean isRecorded() {
        return claim.proof() instanceof Proof.Recorded;
    }

    boolean needsSecondLook() {
        return isToDelete() && !isRecorded();
    }

    /** The same, but kept since it did not hold still. */
    Candidate unsettled() {
        return new Candidate(
                object,
                claim,
                new Verdict(Verdict.Decision.LIVE, Verdict.Rule.R8_QUIESCENT, "it changed between two looks"));
    }
}
