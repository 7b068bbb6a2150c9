package io.github.shmkit.maven.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * A report as one page that needs nothing else: no other file, no network, and no JavaScript to be read.
 *
 * <p>Whatever a name may contain, only this page's own style and script count: a policy names them by their hash.
 */
final class HtmlPage {
    /** More rows make a browser slow; the rest is in the JSON file. */
    static final int ROWS_MAX = 2000;

    private static final String STYLE = resource("report.css");
    private static final String SCRIPT = resource("report.js");
    private static final int TRACK = 1000;

    private final LeakReport report;
    private final StringBuilder out = new StringBuilder();

    private HtmlPage(LeakReport report) {
        this.report = report;
    }

    static String of(LeakReport report) {
        return new HtmlPage(report).page();
    }

    private String page() {
        line("<!DOCTYPE html>");
        line("<html lang=\"en\">");
        line("<head>");
        line("<meta charset=\"UTF-8\">");
        line("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none';"
                + " form-action 'none'; style-src 'sha256-" + hash(STYLE) + "'; script-src 'sha256-" + hash(SCRIPT)
                + "'\">");
        line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        line("<meta name=\"referrer\" content=\"no-referrer\">");
        line("<title>" + Markup.escape(headline()) + " – shmkit</title>");
        line("<style>" + STYLE + "</style>");
        line("</head>");
        line("<body>");
        line("<main>");
        header();
        if (!report.leaks().isEmpty()) {
            facts();
            line("<div class=\"charts\">");
            chart("Memory by object", Bars.byObject(report));
            chart("Memory by creator", Bars.byCreator(report));
            line("</div>");
        }
        if (!report.items().isEmpty()) {
            table();
            rules();
        }
        notes();
        line("<footer>Made by shm-maven-plugin, from the data in leaks.json.</footer>");
        line("</main>");
        line("<script>" + SCRIPT + "</script>");
        line("</body>");
        line("</html>");
        return out.toString();
    }

    // --- the head of the page ---

    private String headline() {
        if (report.isOfNoCheck()) {
            return "Not checked yet";
        }
        if (report.leaks().isEmpty() && !report.possible().isEmpty()) {
            return Summary.count(report.possible().size(), "object", "objects") + " may be left behind";
        }
        return report.leaks().isEmpty()
                ? "Nothing left behind"
                : Summary.count(report.leaks().size(), "object", "objects") + " left behind";
    }

    private void header() {
        line("<header>");
        element("p", "eyebrow", "shmkit: shared memory and other IPC objects of this build");
        element("h1", report.isOfNoCheck() ? "" : report.isClean() ? "good" : "bad", headline());
        line("<p class=\"lead\">" + lead() + "</p>");
        if (!report.isOfNoCheck()) {
            element(
                    "p",
                    "sub",
                    "As of " + report.time() + (report.session().isEmpty() ? "" : ", session " + report.session()));
        }
        line("</header>");
    }

    private String lead() {
        if (report.isOfNoCheck()) {
            return "The goal <code>shm:check</code> has not run in this build. Run <code>mvn verify shm:check</code>, then make"
                    + " this page again.";
        }
        int there = report.stillThere().size();
        if (report.leaks().isEmpty()) {
            return report.items().isEmpty()
                    ? "No leaks."
                    : report.possible().isEmpty()
                            ? "What was found belongs to another program, or is still in use."
                            : "They appeared while the build ran, and nothing proves who made them.";
        }
        if (there == 0) {
            return "All of it was removed at the end of the build. Who made it should have done so.";
        }
        return (there == report.leaks().size()
                        ? "Nothing of it has been removed yet."
                        : there + " of them could not be removed.")
                + (report.stillThere().stream().allMatch(item -> item.action().equals(Remedies.CLEAN))
                        ? " Run <code>mvn shm:clean</code>, and see below who made what."
                        : " See below who made what, and what ends it.");
    }

    private void facts() {
        line("<dl class=\"facts\">");
        fact("Left behind", Summary.count(report.leaks().size(), "object", "objects"));
        fact("Memory held", Size.bytes(report.leakedBytes()));
        fact("Creators", String.valueOf(Bars.byCreator(report).bars().size()));
        fact("Still there", String.valueOf(report.stillThere().size()));
        line("</dl>");
    }

    private void fact(String name, String value) {
        line("<div><dt>" + name + "</dt><dd>" + Markup.escape(value) + "</dd></div>");
    }

    // --- charts ---

    private void chart(String title, Bars bars) {
        List<Bars.Bar> largest = bars.largest();
        line("<section class=\"card\">");
        element("h2", "", title + (largest.size() < bars.bars().size() ? ", the largest " + largest.size() : ""));
        line("<ol class=\"bars\">");
        for (Bars.Bar bar : largest) {
            out.append("<li>");
            foreign("span", "label", bar.label());
            element("span", "value", bar.value());
            line("<svg viewBox=\"0 0 " + TRACK + " 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                    + "<rect class=\"track\" width=\"" + TRACK + "\" height=\"1\"/><rect class=\"bar\" width=\""
                    + String.format(Locale.ROOT, "%.0f", TRACK * bars.share(bar)) + "\" height=\"1\"/></svg></li>");
        }
        line("</ol>");
        line("</section>");
    }

    // --- the table; roles stand there since a narrow screen shows rows as blocks, which loses the native ones ---

    private void table() {
        List<Item> items = report.items();
        line("<section class=\"card objects\">");
        element("h2", "", "Objects");
        tools();
        line("<table role=\"table\">");
        element("caption", "", "What was found, who made it, and which rule decided what becomes of it");
        out.append("<thead role=\"rowgroup\"><tr role=\"row\">");
        for (String head : List.of("Object", "Size", "Made by", "Made", "What became of it")) {
            out.append("<th role=\"columnheader\" scope=\"col\"")
                    .append(head.equals("Size") ? " class=\"number\"" : "")
                    .append("><span>")
                    .append(head)
                    .append("</span></th>");
        }
        line("</tr></thead>");
        line("<tbody role=\"rowgroup\">");
        items.stream().limit(ROWS_MAX).forEach(this::row);
        line("</tbody>");
        line("</table>");
        if (items.size() > ROWS_MAX) {
            element("p", "muted", (items.size() - ROWS_MAX) + " more are in leaks.json.");
        }
        line("</section>");
    }

    private void tools() {
        line("<div class=\"tools\" hidden>");
        line("<label class=\"grow\">Search <input id=\"word\" type=\"search\" autocomplete=\"off\"></label>");
        line("<label>Kind <select id=\"kind\"><option value=\"\">all kinds</option>");
        report.items().stream()
                .map(Item::kind)
                .distinct()
                .sorted()
                .forEach(kind -> line("<option>" + Markup.escape(kind) + "</option>"));
        line("</select></label>");
        line("<label>Show <select id=\"fate\"><option value=\"\">everything</option>"
                + "<option value=\"leak\">what was left behind</option>"
                + "<option value=\"there\">what is still there</option></select></label>");
        line("<p class=\"muted\" id=\"shown\" role=\"status\"></p>");
        line("</div>");
    }

    private void row(Item item) {
        line("<tr role=\"row\" data-kind=\"" + Markup.escape(item.kind()) + "\" data-fate=\""
                + (item.leak() ? "leak " : "") + (item.isRemoved() ? "" : "there") + "\">");
        out.append("<th role=\"rowheader\" scope=\"row\" class=\"object\" data-key=\"")
                .append(Markup.escape(item.address()))
                .append("\">");
        foreign("code", "", item.address());
        element("span", "sub", Kinds.describe(item.kind()));
        line("</th>");
        cell("Size", " class=\"number\"", String.valueOf(item.hasBytes() ? item.bytes() : item.size()));
        element("span", "", item.sizeText());
        line("</td>");
        cell("Made by", "", item.maker());
        foreign("span", "", item.process());
        if (!item.during().isEmpty()) {
            foreign("span", "sub", "during " + item.during());
        }
        if (!item.provenanceDetails().isEmpty()) {
            foreign("span", "sub", item.provenanceDetails());
        }
        if (!item.session().isEmpty() && !item.session().equals(report.session())) {
            element("span", "sub", "session " + item.owner());
        }
        line("</td>");
        cell("Made", "", item.made());
        if (item.made().isEmpty()) {
            element("span", "muted", "unknown");
        } else {
            out.append("<time datetime=\"").append(Markup.escape(item.made())).append("\">");
            String[] dateAndTime = item.made().split("[TZ]", -1);
            element("span", "", dateAndTime[dateAndTime.length > 1 ? 1 : 0]);
            element("span", "sub", dateAndTime[0]);
            out.append("</time>");
        }
        line("</td>");
        cell("Then", "", item.fate().text());
        element("span", "tag " + style(item), item.fate().text());
        out.append("<span class=\"sub\">");
        element("code", "", item.rule());
        out.append(": ").append(isolated(ofThisBuild(item.reason()))).append("</span>");
        if (!item.outcome().isEmpty() && !item.isRemoved()) {
            element("span", "sub", "removing it: " + item.outcome());
        }
        if (!item.action().isEmpty()) {
            foreign("span", "sub", "Remedy: " + item.action());
        }
        line("</td></tr>");
    }

    private String ofThisBuild(String reason) {
        return report.session().isEmpty() ? reason : reason.replace("session " + report.session(), "this build");
    }

    private static String style(Item item) {
        return item.isRemoved() ? "good" : item.leak() ? "bad" : "";
    }

    private void cell(String label, String attributes, String key) {
        out.append("<td role=\"cell\"").append(attributes).append(" data-label=\"");
        out.append(label).append("\" data-key=\"").append(Markup.escape(key)).append("\">");
    }

    // --- the rest ---

    private void rules() {
        line("<section class=\"card\">");
        element("h2", "", "The rules, in the order in which they are asked");
        line("<dl class=\"rules\">");
        Rules.ALL.forEach((rule, text) -> line("<dt class=\"mono\">" + rule + "</dt><dd>" + text + "</dd>"));
        line("</dl>");
        line("</section>");
    }

    private void notes() {
        if (!report.attribution().isEmpty()) {
            foreign("p", "sub", "Creators: " + report.attribution());
        }
        if (!report.notes().isEmpty()) {
            line("<section class=\"card\">");
            element("h2", "", "What could not be looked at");
            line("<ul>");
            report.notes().forEach(note -> foreign("li", "", note));
            line("</ul>");
            line("</section>");
        }
    }

    private void line(String html) {
        out.append(html).append('\n');
    }

    /** What others chose: right-to-left letters in it do not turn what stands beside it. */
    private void foreign(String tag, String style, String text) {
        html(tag, style, isolated(text));
    }

    private static String isolated(String text) {
        return "<bdi>" + Markup.escape(text) + "</bdi>";
    }

    private void element(String tag, String style, String text) {
        html(tag, style, Markup.escape(text));
    }

    private void html(String tag, String style, String html) {
        out.append('<').append(tag);
        if (!style.isBlank()) {
            out.append(" class=\"").append(style.trim()).append('"');
        }
        out.append('>').append(html).append("</").append(tag).append('>');
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

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
