package io.github.shmkit.guide;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A piece of a file: between its tags, a member of a Java class by its name, or all of it. */
final class Excerpt {
    private static final String MEMBER = " {4}";

    private Excerpt() {}

    /**
     * Cuts it out.
     *
     * @param path from the project's root
     * @param names of tags ({@code tag::name[]} to {@code end::name[]}) or members, separated by commas; empty for the file
     */
    static String of(String path, String names) {
        String text = Sources.text(path);
        if (names.isEmpty()) {
            return withoutTags(text.lines()).strip();
        }
        return Stream.of(names.split(",", -1))
                .map(name -> one(path, text.lines().toList(), name))
                .collect(Collectors.joining("\n\n"));
    }

    private static String one(String path, List<String> lines, String name) {
        List<String> excerpt = tagged(lines, name);
        if (excerpt.isEmpty() && path.endsWith(".java")) {
            excerpt = member(lines, name);
        }
        if (excerpt.isEmpty()) {
            throw new IllegalArgumentException(path + " has neither tag::" + name + "[] nor a member " + name);
        }
        return withoutTags(excerpt.stream()).stripIndent().strip();
    }

    private static String withoutTags(Stream<String> lines) {
        return lines.filter(line -> !line.matches(".*\\b(tag|end)::[\\w-]+\\[].*"))
                .collect(Collectors.joining("\n"));
    }

    private static List<String> tagged(List<String> lines, String name) {
        return lines.stream()
                .dropWhile(line -> !line.contains("tag::" + name + "[]"))
                .takeWhile(line -> !line.contains("end::" + name + "[]"))
                .toList();
    }

    /** With its annotations, without its Javadoc; the formatter sees to it that its last line is a brace below its first. */
    private static List<String> member(List<String> lines, String name) {
        String method = MEMBER + "\\w(?:[^=;]* )?" + name + "\\(.*";
        String type = MEMBER + "(?:\\w+ )*(?:class|interface|enum|record) " + name + "\\b.*";
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).matches(method) || lines.get(i).matches(type)) {
                int first = i;
                while (lines.get(first - 1).matches(MEMBER + "@.*")) {
                    first--;
                }
                List<String> member = new ArrayList<>(lines.subList(first, i));
                lines.subList(i, lines.size()).stream()
                        .takeWhile(line -> !line.equals("    }"))
                        .forEach(member::add);
                member.add("    }");
                return List.copyOf(member);
            }
        }
        return List.of();
    }
}
