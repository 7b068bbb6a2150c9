package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.IpcKind;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a sweep looks at and may do.
 *
 * @param kinds what is looked at
 * @param foreign also report objects that no session claims
 * @param dryRun say what would be done, and do nothing
 */
public record SweepPolicy(Set<IpcKind> kinds, boolean foreign, boolean dryRun) {
    public SweepPolicy {
        kinds = Set.copyOf(kinds);
    }

    /** Everything, for real. */
    public static SweepPolicy standard() {
        return new SweepPolicy(EnumSet.complementOf(EnumSet.of(IpcKind.MEMFD)), false, false);
    }

    public SweepPolicy asDryRun() {
        return new SweepPolicy(kinds, foreign, true);
    }

    public SweepPolicy withForeign(boolean report) {
        return new SweepPolicy(kinds, report, dryRun);
    }

    public SweepPolicy withKinds(Set<IpcKind> wanted) {
        return new SweepPolicy(wanted, foreign, dryRun);
    }
}
