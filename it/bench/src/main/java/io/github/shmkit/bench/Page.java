package io.github.shmkit.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The results as one page that needs nothing else. */
final class Page {
    private final StringBuilder out = new StringBuilder();

    private Page() {}

    static String of(
            Results results, List<Benchmark> benchmarks, Map<String, String> machine, List<String> comparison) {
        return new Page().page(results, benchmarks, machine, comparison);
    }

    private String page(
            Results results, List<Benchmark> benchmarks, Map<String, String> machine, List<String> comparison) {
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"UTF-8\">\n")
                .append(
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<title>shmkit benchmarks</title>\n<style>\n")
                .append(resource("bench.css"))
                .append("</style>\n</head>\n<body>\n<main>\n<h1>shmkit benchmarks</h1>\n");
        element("p", "lead", results.goalsMet() + " of " + results.goals() + " goals are met in this run.");
        out.append("<dl>\n");
        machine.forEach((name, value) -> {
            element("dt", "", name);
            element("dd", "", value);
        });
        out.append("</dl>\n");
        element(
                "p",
                "",
                "Ours and its peers were measured in turn, round by round. Figures are medians; a ratio is the median of "
                        + "the rounds' ratios, ours to the peer, less is better, with its quartiles behind it. In the "
                        + "charts a bar is a ratio, its whisker the quartiles, the mark across it the goal; the scale is "
                        + "logarithmic.");
        list(comparison);
        for (Benchmark benchmark : benchmarks) {
            section(benchmark, results);
        }
        return out.append("</main>\n</body>\n</html>\n").toString();
    }

    private void section(Benchmark benchmark, Results results) {
        List<Row> rows = results.rows(benchmark);
        out.append("<section id=\"").append(benchmark.id()).append("\">\n");
        element("h2", "", benchmark.id() + " – " + benchmark.work());
        out.append("<dl>\n");
        element("dt", "", "peers");
        element("dd", "", benchmark.peers());
        element("dt", "", "goal");
        element("dd", "", benchmark.goal());
        element("dt", "", "measured");
        element("dd", "", benchmark.method());
        out.append("</dl>\n");
        list(results.notes(benchmark));
        if (rows.isEmpty()) {
            element("p", "missed", "Not measured in this run.");
        } else {
            out.append(
                    benchmark.id().equals("B11")
                            ? Chart.growth(List.of(series(rows, "B1 "), series(rows, "B3 "), series(rows, "B9 ")))
                            : Chart.ratios(rows));
            table(rows);
        }
        out.append("</section>\n");
    }

    private static List<Row> series(List<Row> rows, String prefix) {
        return rows.stream().filter(row -> row.work().startsWith(prefix)).toList();
    }

    private void table(List<Row> rows) {
        out.append("<div class=\"wide\"><table>\n<thead><tr>");
        List.of("work", "ours", "peer", "", "ratio (quartiles)", "goal", "", "runs")
                .forEach(head -> element("th", "", head));
        out.append("</tr></thead>\n<tbody>\n");
        for (Row row : rows) {
            out.append("<tr>");
            element("td", "", row.work());
            element("td", "number", Text.figure(row.ours().median()) + " " + row.unit());
            element("td", "number", Text.figure(row.peer().median()) + " " + row.unit());
            element("td", "", row.peerName());
            element("td", "number", Text.ratio(row));
            element("td", "number", Text.goal(row));
            element("td", Text.verdict(row), Text.verdict(row));
            element("td", "number", Integer.toString(row.runs()));
            out.append("</tr>\n");
        }
        out.append("</tbody>\n</table></div>\n");
    }

    private void list(List<String> lines) {
        if (!lines.isEmpty()) {
            out.append("<ul>\n");
            new ArrayList<>(lines).forEach(line -> element("li", "", line));
            out.append("</ul>\n");
        }
    }

    private void element(String tag, String style, String text) {
        out.append('<').append(tag);
        if (!style.isEmpty()) {
            out.append(" class=\"").append(style).append('"');
        }
        out.append('>').append(escape(text)).append("</").append(tag).append(">\n");
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("there is no " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
