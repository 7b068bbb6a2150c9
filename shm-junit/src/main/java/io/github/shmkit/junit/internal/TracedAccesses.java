package io.github.shmkit.junit.internal;

import io.github.shmkit.internal.helper.TracedHelper;
import io.github.shmkit.trace.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a traced helper did, for reports.
 *
 * @param accesses all, first to last
 */
record TracedAccesses(TracedHelper helper, List<Access> accesses) {
    private static final int SHOWN = 20;

    static TracedAccesses of(TracedHelper helper) {
        return new TracedAccesses(helper, helper.log().log().accesses());
    }

    /** The last ones, the last of all at the end. */
    List<String> last() {
        if (accesses.isEmpty()) {
            return List.of("traced: it has stored nothing into the segments");
        }
        List<String> lines = new ArrayList<>();
        int from = Math.max(0, accesses.size() - SHOWN);
        lines.add("traced: " + (from == 0 ? "" : "the last " + SHOWN + " of ") + accesses.size() + " accesses:");
        accesses.subList(from, accesses.size()).forEach(access -> lines.add("  " + line(access)));
        return lines;
    }

    /** All, with their threads. */
    String text() {
        StringBuilder text = new StringBuilder();
        accesses.forEach(access -> text.append("process ")
                .append(access.pid())
                .append(", thread ")
                .append(access.tid())
                .append(", ")
                .append(line(access))
                .append('\n'));
        return text.toString();
    }

    private static String line(Access access) {
        return (access.isPoint() ? "store " + access.point() + ": " : "no point: ") + access;
    }

    /** Which of them changed one of those bytes last. */
    Optional<Access> lastChange(String label, long from, long to) {
        return accesses.stream()
                .filter(access -> access.changes().stream()
                        .anyMatch(change -> change.segment().equals(label)
                                && change.offset() < to
                                && change.offset() + change.after().length > from))
                .reduce((earlier, later) -> later);
    }
}
