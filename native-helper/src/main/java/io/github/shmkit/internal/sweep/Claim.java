package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.session.LedgerContents;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What connects an object with a session.
 *
 * @param stem the session, "session.fork" or that of a build; empty when no session has to do with it
 * @param state of that session
 * @param trouble why its ledger cannot be believed; empty when it can
 * @param proof why it is thought to be the session's
 * @param carriers living processes, not recorded in the ledger, that carry the session's token
 * @param unreadable processes of this user's that began after the session and cannot be looked at
 */
public record Claim(String stem, State state, String trouble, Proof proof, List<Long> carriers, int unreadable) {
    /** Derived at each look, never stored. */
    public enum State {
        /** Its lock is held. */
        LIVE,
        /** Its lock was free, and we hold it now; or it is the caller's own, which is ending. */
        DEAD,
        /** There is no lock, so nobody can say. */
        LOST
    }

    /** From the strongest to none. */
    public sealed interface Proof {
        /** Class A: the ledger's record of the session's own creation. */
        record Recorded(LedgerContents.Entry entry) implements Proof {}

        /**
         * Class B: seen to be made by a process of the session.
         *
         * @param objection what speaks against it all the same; empty when nothing does
         */
        record Observed(LedgerContents.Observation observation, String objection) implements Proof {
            public Observed(LedgerContents.Observation observation) {
                this(observation, "");
            }
        }

        /**
         * Class C: it was not there when the build began.
         *
         * @param holder a process of the session that was seen to have it open, which proves nothing
         */
        record New(Optional<LedgerContents.Observation> holder) implements Proof {
            public New() {
                this(Optional.empty());
            }
        }

        /**
         * Class D: the user declares it to be the build's own.
         *
         * @param leastAge how long it must have rested, whatever age the user gives
         */
        record ByUser(Declared declared, Duration leastAge) implements Proof {
            public ByUser(Declared declared) {
                this(declared, Duration.ZERO);
            }
        }

        /** It only has a name of the session's form. */
        record Name() implements Proof {}

        /** Nothing. */
        record None() implements Proof {}
    }

    /** The same session's, by another proof. */
    Claim with(Proof other) {
        return new Claim(stem, state, trouble, other, carriers, unreadable);
    }

    /** Nothing connects it with anybody. */
    public static final Claim NONE = new Claim("", State.LOST, "", new Proof.None(), List.of(), 0);
}
