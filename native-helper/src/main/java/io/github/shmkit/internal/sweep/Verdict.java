package io.github.shmkit.internal.sweep;

/**
 * What is to become of an object.
 *
 * @param decision what
 * @param rule the rule that decided it
 * @param reason the evidence, as a phrase for people
 */
public record Verdict(Decision decision, Rule rule, String reason) {
    /** Everything but DELETE means: keep. */
    public enum Decision {
        /** Ours, its owner dead, nobody uses it. */
        DELETE,
        /** Its owner lives, or somebody uses it. */
        LIVE,
        /** Nothing says that it is ours. */
        FOREIGN,
        /** It looks like ours, but that is not proved. */
        SUSPECT,
        /** What would have to be known could not be found out. */
        UNKNOWN
    }

    /** In the order in which they are asked. */
    public enum Rule {
        /** Ledger of this boot, this /dev/shm and this IPC namespace. */
        R0_DOMAIN,
        /** A regular file with one link, or a directory. */
        R1_TYPE,
        /** Made by this user; for root also by a descendant of the build, or named by the user. */
        R2_OWNER,
        /** Ours by a ledger, by observation, or by the user's word. */
        R3_MINE,
        /** New since the build began: ours only where nobody else makes objects. */
        R4_EXCLUSIVE,
        /** The lock of its session is free. */
        R5_SESSION_DEAD,
        /** No process of this user's that carries the session's token lives. */
        R6_NO_CARRIER,
        /** Nobody uses it now. */
        R7_UNUSED,
        /** It has rested long enough, and two looks agree. */
        R8_QUIESCENT
    }
}
