package io.github.shmkit.guide;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks in text for names of code that does not exist. */
final class CodeNames {
    /** A class with or without a member, as code; an acronym alone is no class. */
    private static final Pattern IN_JAVA = Pattern.compile("`(@?[A-Z][A-Z]?[a-z]\\w*(?:\\.\\w+)?)(?:\\(\\))?`");

    private static final Pattern IN_C = Pattern.compile("`(\\w+)`\\s+in\\s+`(\\w+\\.c)`");
    private static final Pattern C_FILE = Pattern.compile("`(\\w+\\.[ch])`");
    private static final Map<String, List<Path>> FILES =
            Sources.files(file -> file.toString().matches(".*\\.(java|c|h)")).stream()
                    .collect(Collectors.groupingBy(file -> file.getFileName().toString()));

    private CodeNames() {}

    static List<String> unknown(String text) {
        return Stream.of(
                        IN_JAVA.matcher(text)
                                .results()
                                .map(match -> match.group(1))
                                .filter(name -> !isJava(name)),
                        IN_C.matcher(text)
                                .results()
                                .filter(match -> !has(match.group(2), "\\b" + match.group(1) + "\\("))
                                .map(match -> match.group(1) + " in " + match.group(2)),
                        C_FILE.matcher(text)
                                .results()
                                .map(match -> match.group(1))
                                .filter(name -> !FILES.containsKey(name)))
                .flatMap(names -> names)
                .sorted(Comparator.comparingInt(name -> text.indexOf(name.replaceFirst(" in .*", ""))))
                .toList();
    }

    private static boolean isJava(String name) {
        String[] parts = name.replace("@", "").split("\\.", -1);
        String file = parts[0] + ".java";
        return parts.length == 1
                ? FILES.containsKey(file) && (!name.startsWith("@") || has(file, "@interface " + parts[0] + "\\b"))
                : has(file, "\\b" + parts[1] + "\\b");
    }

    private static boolean has(String file, String regex) {
        Pattern pattern = Pattern.compile(regex);
        return FILES.getOrDefault(file, List.of()).stream()
                .anyMatch(path -> pattern.matcher(Sources.text(path)).find());
    }
}
