package io.github.shmkit.maven.internal;

/** Text inside XML, HTML and Markdown. */
final class Markup {
    private Markup() {}

    /** For XML and HTML, in elements and in quoted attributes. */
    static String escape(String printable) {
        StringBuilder out = new StringBuilder(printable.length());
        for (int i = 0; i < printable.length(); i++) {
            char c = printable.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    /** For a cell of a Markdown table: nothing in it is markup, nor a mention or a link. */
    static String markdown(String printable) {
        StringBuilder out = new StringBuilder(printable.length());
        printable.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || c == ' ') {
                out.appendCodePoint(c);
            } else {
                out.append("&#").append(c).append(';');
            }
        });
        return out.toString();
    }
}
