package io.github.shmkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What CONTRIBUTING names exists. */
class ContributingTests {
    private static final String CONTRIBUTING = Sources.text("CONTRIBUTING.md");
    /** A folder at the map's margin, and what is in it below. */
    private static final Pattern OF_MAP = Pattern.compile("^ {4}( {0,2})(\\w[\\w./,* -]*?)(?: {2,}.*)?$");

    static Stream<String> places() {
        List<String> places = new ArrayList<>();
        String folder = "";
        for (String line : map()) {
            Matcher place = OF_MAP.matcher(line);
            if (!place.matches()) {
                continue;
            }
            boolean inner = !place.group(1).isEmpty();
            for (String name : place.group(2).split(", ", -1)) {
                if (inner) {
                    places.add(folder + "/" + name);
                } else {
                    // "it/examples, builds, torture" are all in "it"
                    folder = name.contains("/") || places.isEmpty() || !folder.startsWith("it/") ? name : "it/" + name;
                    places.add(folder);
                }
            }
        }
        return places.stream();
    }

    private static List<String> map() {
        return CONTRIBUTING
                .lines()
                .dropWhile(line -> !line.equals("## Where things live"))
                .skip(1)
                .takeWhile(line -> line.isEmpty() || line.startsWith("    "))
                .toList();
    }

    @Test
    void hasAMap() {
        assertThat(places()).hasSizeGreaterThan(15);
    }

    @ParameterizedTest
    @MethodSource("places")
    void mapsPlacesThatExist(String place) {
        Path path = Sources.ROOT.resolve(place.replaceFirst("(?<=src/main/java)/", "/io/github/shmkit/"));
        String pattern = path.getFileName().toString();
        assertThat(path.getParent()).isDirectory();
        assertThat(Sources.files(file -> pattern.contains("*")
                        ? file.getParent().equals(path.getParent())
                                && file.getFileName()
                                        .toString()
                                        .matches(pattern.replace(".", "\\.").replace("*", ".*"))
                        : file.startsWith(path)))
                .isNotEmpty();
    }

    @Test
    void namesCodeThatExists() {
        assertThat(CodeNames.unknown(CONTRIBUTING)).isEmpty();
    }

    /** Tests may lie in the package of what they test, whose package-info is then that of the main sources. */
    @Test
    void eachPackageSaysWhatItMayUse() {
        List<String> packages = Sources.files(file -> file.toString().matches(".*/src/\\w+/java\\d*/.*\\.java")
                        && !file.toString().contains("/it/quickstart/")
                        && !file.toString().contains("/src/it/"))
                .stream()
                .map(file -> file.getParent().toString().replaceFirst("/src/\\w+/java\\d*/", "/src/*/"))
                .distinct()
                .toList();
        assertThat(packages)
                .hasSizeGreaterThan(10)
                .allSatisfy(name -> assertThat(Stream.of("main", "test")
                                .map(set ->
                                        Path.of(name.replace("/src/*/", "/src/" + set + "/java/"), "package-info.java"))
                                .filter(Files::exists)
                                .map(Sources::text))
                        .as(name)
                        .anyMatch(text -> text.contains("Uses ") && text.contains("Used by")));
    }
}
