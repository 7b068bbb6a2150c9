package io.github.shmkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.internal.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages show is what the sources have. */
class PagesTests {
    private static final String RENEW = "mvn -B -pl :shm-it-examples -am test -Dtest=PagesTests"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dguide.renew";
    private static final Pattern LINK = Pattern.compile("]\\(([^):]+)\\)");
    private static final String EXAMPLES = "it/examples/src/test/java/io/github/shmkit/examples/GuideTests.java";

    static Stream<Path> pages() {
        return Sources.pages().stream();
    }

    @Test
    void areFound() {
        assertThat(Sources.pages().stream()
                        .map(page -> Sources.ROOT.relativize(page).toString()))
                .contains(
                        "README.md",
                        "CONTRIBUTING.md",
                        "shm-junit/src/site/markdown/cookbook.md",
                        "shm-maven-plugin/src/site/markdown/goals.md");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void quoteTheirSources(Path page) throws IOException {
        String text = Files.readString(page);
        String renewed = Page.renewed(text);
        if (System.getProperty("guide.renew") != null && !renewed.equals(text)) {
            Files.writeString(page, renewed);
            return;
        }
        assertThat(text)
                .as("%s does not say what its sources do; this writes it anew:\n%s\n", page, RENEW)
                .isEqualTo(renewed);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void haveNoCodeOfTheirOwn(Path page) {
        assertThat(Page.unmarked(Sources.text(page))).doesNotContain("```");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void nameCommandsThatExist(Path page) {
        assertThat(Commands.unknown(Sources.text(page))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void quoteMessagesThatAreSaid(Path page) {
        assertThat(Page.unknownMessages(Sources.text(page))).isEmpty();
    }

    /**
     * Those between pages of two modules hold in the site, where they are in one folder. None leads into a page: the site
     * and a code host make different anchors of one heading.
     */
    @ParameterizedTest
    @MethodSource("pages")
    void linkToFiles(Path page) {
        List<String> names =
                Sources.pages().stream().map(p -> p.getFileName().toString()).toList();
        assertThat(LINK.matcher(Sources.text(page)).results().map(link -> link.group(1)))
                .allSatisfy(target -> assertThat(Files.exists(page.resolveSibling(target))
                                || (page.toString().contains("/src/site/") && names.contains(target)))
                        .as(target)
                        .isTrue());
    }

    @ParameterizedTest
    @EnumSource
    void tellEachSetting(Setting setting) {
        assertThat(Tables.of("settings")).contains("| `" + setting.key() + "` |");
    }

    @Test
    void tellEachExampleInTheCookbook() {
        List<String> tests = Pattern.compile("@(?:Test|EachSegmentKind|EachCrashPoint\\([^)]*\\))\n    void (\\w+)\\(")
                .matcher(Sources.text(EXAMPLES))
                .results()
                .map(test -> test.group(1))
                .toList();
        assertThat(tests).hasSizeGreaterThanOrEqualTo(10);

        String cookbook = Sources.text("shm-junit/src/site/markdown/cookbook.md");

        assertThat(tests)
                .allSatisfy(test -> assertThat(cookbook).containsPattern(EXAMPLES + " (\\w+,)*" + test + "\\b"));
    }
}
