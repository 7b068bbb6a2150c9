package io.github.shmkit.junit.internal;

import io.github.shmkit.trace.Access;
import java.util.ArrayList;
import java.util.List;

/** What several programs did, side by side: one column for each. */
final class Columns {
    private static final int SHOWN = 60;
    private static final int WIDTH = 44;

    private Columns() {}

    /** A line for each access, under a line of names; the last ones if there are many. */
    static String of(Interleaved run, int programs) {
        List<Interleaved.Done> done = run.done();
        List<String> lines = new ArrayList<>();
        StringBuilder head = new StringBuilder("  ");
        for (int i = 0; i < programs; i++) {
            head.append(pad(run.name(i)));
        }
        lines.add(head.toString().stripTrailing());
        int first = Math.max(0, done.size() - SHOWN);
        if (first > 0) {
            lines.add("  … " + first + " accesses before");
        }
        for (Interleaved.Done next : done.subList(first, done.size())) {
            String text = brief(next.access().named());
            lines.add(("  " + " ".repeat(WIDTH * next.program()) + text).stripTrailing());
        }
        return String.join("\n", lines);
    }

    private static String pad(String name) {
        return name.length() < WIDTH ? name + " ".repeat(WIDTH - name.length()) : name + " ";
    }

    /** Without the offset of the instruction in its file, if it has a function. */
    private static String brief(Access access) {
        String text = access.toString();
        int open = text.lastIndexOf(" (");
        int comma = text.lastIndexOf(", ", open < 0 ? text.length() : open);
        return open > 0 && comma > 0 && text.endsWith(")")
                ? text.substring(0, comma) + " " + text.substring(open + 2, text.length() - 1)
                : text;
    }
}
