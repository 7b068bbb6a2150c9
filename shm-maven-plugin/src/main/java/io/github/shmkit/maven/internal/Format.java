package io.github.shmkit.maven.internal;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The forms that a report can have, beside lines in the log. */
public enum Format {
    TEXT(""),
    JSON("leaks.json"),
    HTML("leaks.html"),
    JUNIT("TEST-shmkit.xml");

    private final String file;

    Format(String file) {
        this.file = file;
    }

    /** The name of its file; empty for the log. */
    String file() {
        return file;
    }

    String render(LeakReport report) {
        return switch (this) {
            case TEXT -> "";
            case JSON -> report.toJson();
            case HTML -> HtmlPage.of(report);
            case JUNIT -> JunitXml.of(report);
        };
    }

    /** As {@link #parse}, and always JSON: {@code shm:report} and tools read it. */
    public static Set<Format> ofCheck(Collection<String> names) throws BadInputException {
        Set<Format> formats = parse(names);
        formats.add(JSON);
        return formats;
    }

    /**
     * The formats of these names, in any case.
     *
     * @throws BadInputException if there is no such format
     */
    public static Set<Format> parse(Collection<String> names) throws BadInputException {
        Set<Format> formats = EnumSet.noneOf(Format.class);
        for (String name : names) {
            formats.add(Arrays.stream(values())
                    .filter(format -> format.name().equals(name.trim().toUpperCase(Locale.ROOT)))
                    .findAny()
                    .orElseThrow(() -> new BadInputException("shm.format: '" + Printable.text(name)
                            + "' is no format; give one or more of text, json, html, junit, separated by commas")));
        }
        return formats;
    }
}
