package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Finding;

/**
 * Something that was left.
 *
 * @param kind what
 * @param what with its address, as a person finds it
 * @param who made it or has it; empty if nobody knows
 * @since 0.1.0
 */
public record Leak(LeakKind kind, String what, String who) {
    static Leak of(Finding finding) {
        return new Leak(LeakKind.valueOf(finding.kind().name()), finding.what(), finding.who());
    }

    @Override
    public String toString() {
        return kind + ": " + what + (who.isEmpty() ? "" : ", " + who);
    }
}
