package io.github.shmkit.rules;

import io.github.shmkit.rules.Outcome.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The outcomes as a page that needs nothing else, and as Markdown.
 *
 * @param machine what the rules ran on
 * @param outcomes in order
 */
record RulesPage(Map<String, String> machine, List<Outcome> outcomes) {
    static final String HTML = "index.html";
    static final String MARKDOWN = "rules.md";

    private static final String TITLE = "The rules of shared memory";
    private static final List<String> HEADS = List.of("id", "rule", "what this kernel did", "often claimed", "outcome");

    void write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(HTML), html());
            Files.writeString(folder.resolve(MARKDOWN), markdown());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve(HTML));
            Files.deleteIfExists(folder.resolve(MARKDOWN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, List<Outcome>> sections() {
        return outcomes.stream()
                .collect(Collectors.groupingBy(
                        outcome -> Catalogue.SECTIONS.getOrDefault(outcome.id().substring(0, 1), ""),
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    private String summary() {
        return outcomes.size() + " of " + Catalogue.ids().size() + " rules were asked of this kernel: "
                + count(Verdict.PASSED) + " hold, " + count(Verdict.SKIPPED) + " could not be asked, "
                + count(Verdict.FAILED) + " do not hold.";
    }

    private long count(Verdict verdict) {
        return outcomes.stream().filter(o -> o.verdict() == verdict).count();
    }

    private static String result(Outcome outcome) {
        return outcome.verdict() + (outcome.reason().isEmpty() ? "" : ": " + outcome.reason());
    }

    String html() {
        StringBuilder out = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"UTF-8\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" ")
                .append("content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append(element("title", TITLE))
                .append("<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n<main>\n")
                .append(element("h1", TITLE))
                .append(element("p", summary()))
                .append("<dl>\n");
        machine.forEach((name, value) -> out.append(element("dt", name)).append(element("dd", value)));
        out.append("</dl>\n");
        sections().forEach((title, rules) -> {
            out.append("<section>\n")
                    .append(element("h2", title))
                    .append("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"")
                    .append(escape(title))
                    .append("\"><table>\n<thead><tr>");
            HEADS.forEach(head -> out.append("<th scope=\"col\">").append(head).append("</th>"));
            out.append("</tr></thead>\n<tbody>\n");
            rules.forEach(rule -> out.append(row(rule)));
            out.append("</tbody>\n</table></div>\n</section>\n");
        });
        return out.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String row(Outcome rule) {
        String id = escape(rule.id());
        return "<tr id=\"" + id + "\"><th scope=\"row\"><a href=\"#" + id + "\">" + id + "</a></th>\n"
                + element("td", rule.says())
                + "<td>" + rule.seen().stream().map(RulesPage::escape).collect(Collectors.joining("<br>")) + "</td>\n"
                + element("td", rule.claimed())
                + "<td class=\"" + rule.verdict() + "\">" + escape(result(rule)) + "</td></tr>\n";
    }

    String markdown() {
        StringBuilder out = new StringBuilder("# " + TITLE + "\n\n" + summary() + "\n\n");
        machine.forEach((name, value) ->
                out.append("- ").append(name).append(": ").append(value).append('\n'));
        sections().forEach((title, rules) -> {
            out.append("\n## ").append(title).append("\n\n").append(line(HEADS));
            out.append("| --- ".repeat(HEADS.size())).append("|\n");
            rules.forEach(rule -> out.append(line(
                    List.of(rule.id(), rule.says(), String.join("; ", rule.seen()), rule.claimed(), result(rule)))));
        });
        return out.toString();
    }

    private static String line(List<String> cells) {
        return cells.stream()
                .map(cell -> cell.replace("|", "\\|").replaceAll("\\s+", " ").strip())
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String element(String tag, String text) {
        return "<" + tag + ">" + escape(text) + "</" + tag + ">\n";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String style() {
        try (InputStream in = RulesPage.class.getResourceAsStream("rules.css")) {
            if (in == null) {
                throw new IOException("rules.css is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
