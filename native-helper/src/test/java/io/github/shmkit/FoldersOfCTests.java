package io.github.shmkit;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which folder of shm-helper's C code may include another's headers. */
class FoldersOfCTests {
    private static final Path C = Path.of("src/main/c");
    private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"(.+)\"$");

    private static final Map<String, Set<String>> MAY_USE = Map.of(
            "common", Set.of(),
            "agent", Set.of("common"),
            "clean", Set.of("common"),
            "trace", Set.of("common"),
            "guard", Set.of("common", "agent", "clean"),
            "isolate", Set.of("common", "clean", "guard"));

    @Test
    void usesOnlyFoldersBelow() throws IOException {
        Map<Path, String> sources = sources();
        assertThat(sources).hasSizeGreaterThan(80);
        assertThat(forbidden(sources)).isEmpty();
    }

    @Test
    void seesUpwardInclude() {
        Path io = Path.of("common/io.c");
        assertThat(forbidden(Map.of(io, "#include \"io.h\"\n#include \"../guard/tree.h\"\n")))
                .containsExactly("common/io.c includes ../guard/tree.h");
        assertThat(forbidden(Map.of(Path.of("guard/tree.c"), "#include \"../common/io.h\"\n")))
                .isEmpty();
    }

    @Test
    void eachFolderIsKnown() throws IOException {
        assertThat(sources().keySet().stream()
                        .map(file -> file.getParent().toString())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(MAY_USE.keySet());
    }

    /** Without main.c, which has every program. */
    private static Map<Path, String> sources() throws IOException {
        try (Stream<Path> files = Files.walk(C)) {
            return files.filter(file -> file.toString().matches(".*\\.[ch]"))
                    .filter(file -> !file.getParent().equals(C))
                    .collect(toMap(C::relativize, FoldersOfCTests::text));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> forbidden(Map<Path, String> sources) {
        return new TreeMap<>(sources)
                .entrySet().stream()
                        .flatMap(source -> INCLUDE.matcher(source.getValue())
                                .results()
                                .map(include -> include.group(1))
                                .filter(include -> !mayInclude(source.getKey(), include))
                                .map(include -> source.getKey() + " includes " + include))
                        .toList();
    }

    private static boolean mayInclude(Path file, String header) {
        Path included = file.resolveSibling(header).normalize();
        String folder = file.getParent().toString();
        return included.startsWith(folder)
                || included.startsWith("../include")
                || MAY_USE.get(folder).contains(included.getName(0).toString());
    }
}
