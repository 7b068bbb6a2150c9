package io.github.shmkit.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures as people read them. */
final class Text {
    private static final int DIGITS = 3;

    private Text() {}

    /** With three significant digits. */
    static String figure(double value) {
        int digits = value == 0 ? 0 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        return String.format(Locale.ROOT, "%." + Math.max(0, DIGITS - digits) + "f", value);
    }

    /** A ratio and what it spreads over. */
    static String ratio(Row row) {
        Stats ratio = row.ratio();
        return figure(ratio.median()) + " (" + figure(ratio.low()) + "–" + figure(ratio.high()) + ")";
    }

    static String goal(Row row) {
        return row.hasGoal() ? "≤ " + figure(row.goal()) : "";
    }

    static String verdict(Row row) {
        return row.hasGoal() ? row.met() ? "met" : "missed" : "";
    }

    /** A line for each row, in columns. */
    static List<String> table(Results results) {
        List<String> lines = new ArrayList<>();
        lines.add(line("", "work", "ours", "peer", "", "ratio (quartiles)", "goal", "", "runs"));
        for (Row row : results.rows()) {
            lines.add(line(
                    row.id(),
                    row.work(),
                    figure(row.ours().median()) + " " + row.unit(),
                    figure(row.peer().median()) + " " + row.unit(),
                    row.peerName(),
                    ratio(row),
                    goal(row),
                    verdict(row),
                    Integer.toString(row.runs())));
        }
        return lines;
    }

    private static String line(
            String id,
            String work,
            String ours,
            String peer,
            String name,
            String ratio,
            String goal,
            String verdict,
            String runs) {
        return String.format(
                        Locale.ROOT,
                        "%-4s %-40s %11s %11s  %-34s %-22s %-7s %-7s %4s",
                        id,
                        work,
                        ours,
                        peer,
                        name,
                        ratio,
                        goal,
                        verdict,
                        runs)
                .stripTrailing();
    }
}
