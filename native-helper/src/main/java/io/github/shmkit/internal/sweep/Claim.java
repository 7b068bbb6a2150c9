package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.session.LedgerContents;
import java.util.List;
import java.util.Optional;

/**
 * What the sessions say of an object.
 *
 * @param stem the session and fork that claim it, "session.fork"; empty when none does
 * @param state of that session
 * @param trouble why its ledger cannot be believed; empty when it can
 * @param entry the ledger's record; empty when only the object's name speaks
 * @param carriers living processes, not recorded in the ledger, that carry the session's token
 */
public record Claim(
        String stem, State state, String trouble, Optional<LedgerContents.Entry> entry, List<Long> carriers) {
    /** Derived at each look, never stored. */
    public enum State {
        /** Its lock is held. */
        LIVE,
        /** Its lock was free, and we hold it now. */
        DEAD,
        /** There is no lock, so nobody can say. */
        LOST
    }

    /** Nobody claims it. */
    public static final Claim NONE = new Claim("", State.LOST, "", Optional.empty(), List.of());
}
