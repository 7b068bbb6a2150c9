package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
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
        return kept(Verdict.Rule.R8_QUIESCENT, "it changed between two looks");
    }

    /** The same, but kept since a process used it. */
    Candidate opened() {
        return kept(Verdict.Rule.R7_UNUSED, "a process opened it between two looks");
    }

    /** The same, but kept since something in it stays. */
    Candidate full(RawName what) {
        return kept(Verdict.Rule.R7_UNUSED, "it is not empty: /dev/shm/" + what + " stays");
    }

    private Candidate kept(Verdict.Rule rule, String reason) {
        return new Candidate(object, claim, new Verdict(Verdict.Decision.LIVE, rule, reason));
    }
}
