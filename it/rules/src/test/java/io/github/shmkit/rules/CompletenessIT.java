package io.github.shmkit.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Looks at the pages that the tests left. */
class CompletenessIT {
    private static final int SKIPPED_AT_MOST = 5;
    private static final int COLUMNS = 5;
    private static final Path FOLDER = Path.of(System.getProperty("rules.page"));

    @BeforeAll
    static void allTestsWereAskedFor() {
        String only = System.getProperty("rules.only", "");
        assumeTrue(only.isEmpty() || only.startsWith("${"), () -> "only some tests were asked for: -Dtest=" + only);
    }

    /** The cells of each rule. */
    private static List<String[]> rules() throws IOException {
        return Files.readAllLines(FOLDER.resolve(RulesPage.MARKDOWN)).stream()
                .filter(line -> line.matches("\\| [A-Z]\\d+b? \\|.*"))
                .map(line -> line.substring(2, line.length() - 2).split(" \\| ", COLUMNS))
                .toList();
    }

    @Test
    void everyRuleIsOnThePageOnce() throws IOException {
        assertThat(rules()).extracting(cells -> cells[0]).containsExactlyElementsOf(Catalogue.ids());
        String html = Files.readString(FOLDER.resolve(RulesPage.HTML));
        assertThat(Catalogue.ids()).allSatisfy(id -> assertThat(html).contains("<tr id=\"" + id + "\">"));
    }

    @Test
    void everyRuleSaysWhatTheKernelDid() throws IOException {
        assertThat(rules()).allSatisfy(cells -> {
            assertThat(cells).hasSize(COLUMNS);
            assertThat(cells[1]).isNotBlank();
            assertThat(cells[4]).matches("passed|skipped: .*needs .+");
            if (cells[4].equals("passed")) {
                assertThat(cells[2]).isNotBlank();
            }
        });
    }

    /** Of whom nothing is kept but what the machine lacks. */
    @Test
    @EnabledIfSystemProperty(named = "user.name", matches = "root")
    void rootCanAskNearlyAll() throws IOException {
        assertThat(rules())
                .filteredOn(cells -> cells[4].startsWith("skipped"))
                .hasSizeLessThanOrEqualTo(SKIPPED_AT_MOST);
    }
}
