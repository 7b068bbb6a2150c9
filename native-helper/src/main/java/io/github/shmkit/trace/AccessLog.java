package io.github.shmkit.trace;

import io.github.shmkit.Segment;
import java.util.List;
import java.util.Optional;

/**
 * What a program did to shared memory, in the order in which it happened.
 *
 * <p>Each store of the program into the segments is there exactly once. The order is that of all threads and processes of
 * the program together.
 *
 * @param accesses first to last
 * @since 0.1.0
 */
public record AccessLog(List<Access> accesses) {
    /**
     * The accesses that others can notice.
     *
     * @return first to last; the n-th has the {@linkplain Access#point() point} n
     */
    public List<Access> points() {
        return accesses.stream().filter(Access::isPoint).toList();
    }

    /**
     * Which access changed a byte last.
     *
     * @param segment one that the program was started with
     * @param offset of the byte
     * @return empty if the program did not change it
     */
    public Optional<Access> lastChange(Segment segment, long offset) {
        return lastChange(segment.label(), offset);
    }

    /**
     * Which access changed a byte of an object last.
     *
     * @param label of a segment, or the name of a file, as in {@link Access.Change#segment()}
     * @param offset of the byte
     * @return empty if the program did not change it
     */
    public Optional<Access> lastChange(String label, long offset) {
        return accesses.stream()
                .filter(access -> access.changes().stream().anyMatch(change -> change.covers(label, offset)))
                .reduce((earlier, later) -> later);
    }

    /**
     * Which access wrote what a load has read.
     *
     * @param load one of these accesses
     * @return the last one before it that changed a byte of what it has read; empty if none of these did, or if it is no load
     */
    public Optional<Access> readsFrom(Access load) {
        int at = accesses.indexOf(load);
        if (at < 0 || !(load.kind() instanceof Access.Kind.Load kind)) {
            return Optional.empty();
        }
        return accesses.subList(0, at).stream()
                .filter(access -> access.changes().stream()
                        .anyMatch(change -> kind.values().stream().anyMatch(change::overlaps)))
                .reduce((earlier, later) -> later);
    }
}
