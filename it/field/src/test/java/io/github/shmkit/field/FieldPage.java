package io.github.shmkit.field;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What came out, as a page that needs nothing else, and as Markdown.
 *
 * @param rows in order
 */
record FieldPage(List<Row> rows) {
    static final String HTML = "index.html";
    static final String MARKDOWN = "field.md";

    private static final String TITLE = "shmkit in the field";
    private static final Collection<String> HEADS = Row.leftOut("", "").cells().keySet();
    private static final Map<String, String> LEGEND = Map.of(
            "crash points", "moments at which a process was killed",
            "states", "contents that a reader was shown while a process wrote them",
            "stuck", "of these: other processes wait for ever",
            "torn", "of these: other processes read bytes that no process wrote",
            "wrong", "of these: other processes fail, or miss what was there");

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

    private String summary() {
        long run = rows.stream().filter(row -> !row.operation().isEmpty()).count();
        return run + " operations of "
                + rows.stream().map(Row::program).distinct().count() + " programs were tested at "
                + rows.stream().mapToInt(row -> row.counts().crashes()).sum() + " crash points and "
                + rows.stream().mapToInt(row -> row.counts().states()).sum() + " states; "
                + (rows.size() - run) + " programs were left out.";
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
        LEGEND.keySet().stream()
                .sorted()
                .forEach(name -> out.append(element("dt", name)).append(element("dd", LEGEND.getOrDefault(name, ""))));
        out.append(
                "</dl>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"results\"><table>\n<thead><tr>");
        HEADS.forEach(head -> out.append("<th scope=\"col\">").append(head).append("</th>"));
        out.append("</tr></thead>\n<tbody>\n");
        rows.forEach(row -> {
            out.append("<tr>");
            row.cells().forEach((head, cell) -> out.append(cell(head, cell)));
            out.append("</tr>\n");
        });
        return out.append("</tbody>\n</table></div>\n</main>\n</body>\n</html>\n")
                .toString();
    }

    private static String cell(String head, String cell) {
        String content = head.equals("report") && !cell.isEmpty()
                ? "<a href=\"" + escape(cell) + "\">" + escape(cell.replaceFirst("^https://", "")) + "</a>"
                : escape(cell);
        return head.equals("program") ? "<th scope=\"row\">" + content + "</th>" : "<td>" + content + "</td>";
    }

    String markdown() {
        StringBuilder out = new StringBuilder("# " + TITLE + "\n\n" + summary() + "\n\n");
        out.append(line(HEADS)).append("| --- ".repeat(HEADS.size())).append("|\n");
        rows.forEach(row -> out.append(line(row.cells().values())));
        return out.toString();
    }

    private static String line(Collection<String> cells) {
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
        try (InputStream in = FieldPage.class.getResourceAsStream("field.css")) {
            if (in == null) {
                throw new IOException("field.css is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
