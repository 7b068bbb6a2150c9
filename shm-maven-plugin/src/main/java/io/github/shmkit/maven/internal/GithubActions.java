package io.github.shmkit.maven.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A report for GitHub: commands that annotate the run, and the summary of a step. */
final class GithubActions {
    /** GitHub shows ten of a kind in each step. */
    private static final int ANNOTATIONS_MAX = 10;

    private static final int ROWS_MAX = 200;

    private GithubActions() {}

    /** Lines that must stand alone, without anything before them. */
    static List<String> annotations(LeakReport report) {
        List<Item> leaks = report.leaks();
        List<String> lines = new ArrayList<>();
        int shown = leaks.size() <= ANNOTATIONS_MAX ? leaks.size() : ANNOTATIONS_MAX - 1;
        leaks.stream()
                .limit(shown)
                .forEach(item -> lines.add(
                        "::error title=" + property("Leaked " + item.kind()) + "::" + data(Check.line(item))));
        if (leaks.size() > shown) {
            lines.add("::error title=Leaks::" + (leaks.size() - shown) + " more; the step's summary has them");
        }
        return lines;
    }

    /** Markdown. */
    static String summary(LeakReport report) {
        List<Item> leaks = report.leaks();
        List<Item> rows =
                Stream.concat(leaks.stream(), report.possible().stream()).toList();
        StringBuilder out = new StringBuilder("### IPC objects left behind: ")
                .append(leaks.isEmpty() ? "none" : Markup.markdown(report.total()))
                .append(
                        report.possible().isEmpty()
                                ? ""
                                : ", and " + report.possible().size() + " that may be")
                .append("\n\n");
        if (!rows.isEmpty()) {
            out.append("| Kind | Object | Size | Made by | Why |\n| --- | --- | ---: | --- | --- |\n");
            rows.stream().limit(ROWS_MAX).forEach(item -> row(item, out));
            if (rows.size() > ROWS_MAX) {
                out.append("\n").append(rows.size() - ROWS_MAX).append(" more are in leaks.json\n");
            }
        }
        return out.append('\n').toString();
    }

    private static void row(Item item, StringBuilder out) {
        for (String cell : List.of(item.kind(), item.address(), item.sizeText(), item.maker(), item.reason())) {
            out.append("| ").append(Markup.markdown(cell)).append(' ');
        }
        out.append("|\n");
    }

    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
