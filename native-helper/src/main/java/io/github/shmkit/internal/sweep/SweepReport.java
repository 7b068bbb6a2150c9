package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.ipc.IpcObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a sweep saw and did.
 *
 * @param findings one for each object
 * @param processes helpers of dead sessions that were ended
 * @param notes what could not be listed or read, and why
 * @param finished nothing of the caller's own session, {@link SweepPolicy#ending}, is left for a later sweep
 */
public record SweepReport(List<Finding> findings, int processes, List<String> notes, boolean finished) {
    /** Nothing was there to look at. */
    public static final SweepReport NOTHING = new SweepReport(List.of(), 0, List.of(), true);

    /**
     * An object, what was decided, and what came of it.
     *
     * @param claim what connects it with a session
     * @param result of the actuator; empty when it was not asked to act
     */
    public record Finding(IpcObject object, Claim claim, Verdict verdict, Optional<Actuator.Result> result) {
        public boolean isRemoved() {
            return result.map(r -> r.outcome().isGone()).orElse(false);
        }

        /** Decided to delete, tried, and it is still there. */
        public boolean isKept() {
            return result.map(r -> !r.outcome().isGone()).orElse(false);
        }
    }

    /** The same, with something more that could not be found out; then nothing is finished. */
    public SweepReport withNote(String note) {
        return new SweepReport(
                findings,
                processes,
                Stream.concat(notes.stream(), Stream.of(note)).toList(),
                false);
    }

    public List<Finding> removed() {
        return findings.stream().filter(Finding::isRemoved).toList();
    }

    /** Those that a run that is not dry would delete, or could not. */
    public List<Finding> toDelete() {
        return findings.stream()
                .filter(f -> f.verdict().decision() == Verdict.Decision.DELETE && !f.isRemoved())
                .toList();
    }
}
