package io.github.shmkit.maven.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A report as one page that needs nothing else: no other file, no network, and no JavaScript to be read. */
final class HtmlPage {
    private static final int BARS_MAX = 10;
    private static final double PERCENT = 100;

    private final StringBuilder out = new StringBuilder();

    private HtmlPage() {}

    static String of(LeakReport report) {
        return new HtmlPage().page(report);
    }

    private String page(LeakReport report) {
        String script = resource("report.js");
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"UTF-8\">\n");
        // Only this page's own script runs, whatever a name may contain.
        out.append(
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
                        + " script-src 'sha256-" + hash(script) + "'\">\n");
        out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        out.append("<title>IPC objects left behind</title>\n<style>\n");
        out.append(resource("report.css")).append("</style>\n</head>\n<body>\n<main>\n");
        out.append("<h1>IPC objects left behind</h1>\n");
        head(report);
        if (!report.leaks().isEmpty()) {
            bars("Memory by object", sizes(report), Size::bytes);
            bars("Objects by creator", creators(report), count -> Summary.count(count.intValue(), "object", "objects"));
        }
        if (!report.items().isEmpty()) {
            table(report.items());
        }
        if (!report.notes().isEmpty()) {
            out.append("<h2>What could not be looked at</h2>\n<ul>\n");
            report.notes().forEach(note -> element("li", "", note));
            out.append("</ul>\n");
        }
        out.append("</main>\n<script>").append(script).append("</script>\n</body>\n</html>\n");
        return out.toString();
    }

    private void head(LeakReport report) {
        if (report.leaks().isEmpty()) {
            element("p", "good", "Nothing was left behind.");
        } else {
            element("p", "bad", report.total() + ". " + Check.REMEDY + ".");
        }
        element(
                "p",
                "muted",
                "As of " + report.time() + (report.session().isEmpty() ? "" : ", session " + report.session()));
    }

    private static Map<String, Long> sizes(LeakReport report) {
        return report.leaks().stream()
                .filter(item -> item.bytes() > 0)
                .collect(Collectors.toMap(
                        item -> item.kind() + " " + item.address(), Item::bytes, Long::sum, LinkedHashMap::new));
    }

    private static Map<String, Long> creators(LeakReport report) {
        return report.leaks().stream().collect(Collectors.groupingBy(Item::maker, Collectors.counting()));
    }

    private void bars(String title, Map<String, Long> values, Function<Long, String> unit) {
        if (values.isEmpty()) {
            return;
        }
        List<Map.Entry<String, Long>> largest = values.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(BARS_MAX)
                .toList();
        element("h2", "", title + (values.size() > BARS_MAX ? ", the largest " + BARS_MAX : ""));
        out.append("<ul class=\"bars\">\n");
        double max = largest.get(0).getValue();
        for (Map.Entry<String, Long> entry : largest) {
            out.append("<li>");
            element("span", "label", entry.getKey());
            out.append("<span class=\"track\" aria-hidden=\"true\"><span class=\"bar\" style=\"width:")
                    .append(String.format(Locale.ROOT, "%.1f", PERCENT * entry.getValue() / max))
                    .append("%\"></span></span>");
            element("span", "", unit.apply(entry.getValue()));
            out.append("</li>\n");
        }
        out.append("</ul>\n");
    }

    private void table(List<Item> items) {
        element("h2", "", "Objects");
        out.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Objects\">\n<table>\n");
        element("caption", "", "What was found, who made it, and which rule decided what becomes of it");
        out.append("<thead><tr>");
        for (String head : List.of(
                "Leak", "Kind", "Object", "Size", "Made by", "Session", "Last touched", "Verdict", "Rule", "Why")) {
            out.append("<th scope=\"col\">").append(head).append("</th>");
        }
        out.append("</tr></thead>\n<tbody>\n");
        items.forEach(this::row);
        out.append("</tbody>\n</table>\n</div>\n");
    }

    private void row(Item item) {
        out.append("<tr>");
        element("td", item.leak() ? "bad" : "", item.leak() ? "yes" : "no");
        element("td", "", item.kind());
        out.append("<th scope=\"row\"><code>")
                .append(Markup.escape(item.address()))
                .append("</code></th>");
        out.append("<td class=\"number\" data-number=\"").append(item.size()).append("\">");
        out.append(Markup.escape(item.sizeText())).append("</td>");
        element("td", "", item.maker());
        element("td", "", item.session().isEmpty() ? "none" : item.session());
        element("td", "", item.touched());
        element("td", "", item.decision() + (item.outcome().isEmpty() ? "" : ", " + item.outcome()));
        element("td", "", item.rule());
        element("td", "", item.reason());
        out.append("</tr>\n");
    }

    private void element(String tag, String style, String text) {
        out.append('<').append(tag);
        if (!style.isEmpty()) {
            out.append(" class=\"").append(style).append('"');
        }
        out.append('>').append(Markup.escape(text)).append("</").append(tag).append('>');
    }

    private static String resource(String name) {
        try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing in our jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
