package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The page in a real browser. With {@code -Dshmkit.screenshots=<folder>}, what it looks like is left there; see
 * src/site/screenshot.sh.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserTests {
    private static final int WIDE = 1200;
    private static final int README = 1000;
    private static final int README_HEIGHT = 1060;
    private static final int TAB = 9;
    private static final int ENTER = 13;
    private static final int WHOLE = 10_000;

    @TempDir
    private static Path folder;

    private Chromium browser;
    private Path page;

    @BeforeAll
    void start() throws Exception {
        assumeTrue(
                Chromium.program().isPresent(),
                "there is no Chromium on the PATH (apt-get install chromium): the page is not looked at in a browser");
        browser = Chromium.start(folder.resolve("profile"));
        page = Files.writeString(folder.resolve("page.html"), HtmlPage.of(SampleReport.report()));
    }

    @AfterAll
    void end() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void reset() throws Exception {
        browser.setScripts(true);
        browser.setWidth(WIDE);
        browser.setMedia("screen", "light");
    }

    @ParameterizedTest
    @CsvSource({"light, 1000", "dark, 1200", "dark, 390"})
    void hasNoBarriers(String scheme, int width) throws Exception {
        browser.setMedia("screen", scheme);
        browser.setWidth(width);
        browser.open(page);

        assertThat(barriers()).isEmpty();
        assertThat(browser.complaints()).isEmpty();
        assertThat(contentWidth()).isLessThanOrEqualTo(width);
        assertThat(browser.evaluate(
                                "[...document.querySelectorAll('th')].filter(h => h.scrollWidth > h.clientWidth).length")
                        .asInt())
                .as("heads that are wider than their columns")
                .isZero();
        keep(scheme + "-" + width, width, WHOLE);
    }

    /** The control: what finds nothing in our page does find something in a bad one. */
    @Test
    void barriersAreFoundWhereThereAreSome() throws Exception {
        browser.open(Files.writeString(
                folder.resolve("bad.html"),
                "<!DOCTYPE html><html lang=en><title>x</title><p style='color:#ccc;background:#fff'>pale</p><input>"));

        assertThat(barriers()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void nothingThatANameContainsBecomesPartOfThePage() throws Exception {
        browser.open(Files.writeString(folder.resolve("hostile.html"), HtmlPage.of(HostileNames.report())));

        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.evaluate("typeof window.pwned").asText()).isEqualTo("undefined");
        assertThat(browser.evaluate(
                                "document.querySelectorAll('script, img, iframe, object, a, base, link, form').length")
                        .asInt())
                .isEqualTo(1);
        List<String> shown = new ArrayList<>();
        browser.evaluate("[...document.querySelectorAll('tbody th code')].map(c => c.textContent)")
                .forEach(text -> shown.add(text.asText()));
        assertThat(shown)
                .containsExactlyInAnyOrderElementsOf(HostileNames.ALL.stream()
                        .map(name -> "/dev/shm/" + Printable.name(name))
                        .toList());
        assertThat(contentWidth()).isLessThanOrEqualTo(WIDE);
        keep("hostile", WIDE, WHOLE);
    }

    @Test
    void isSortedFromTheKeyboard() throws Exception {
        browser.open(page);
        List<String> asItWas = column(0);
        focus("thead th:nth-child(2) button");

        browser.press("Enter", ENTER);
        assertThat(sorting()).isEqualTo("Size ascending");
        assertThat(column(1)).first().isEqualTo("3 semaphores");
        browser.press("Enter", ENTER);
        assertThat(sorting()).isEqualTo("Size descending");
        assertThat(column(1)).startsWith("16.0 MiB", "2.0 MiB");

        browser.press("Tab", TAB);
        browser.press("Enter", ENTER);
        assertThat(sorting()).isEqualTo("Made by ascending");
        assertThat(column(0)).containsExactlyInAnyOrderElementsOf(asItWas);
    }

    @Test
    void isFilteredFromTheKeyboard() throws Exception {
        browser.open(page);
        browser.press("Tab", TAB); // the first stop is the search
        browser.type("PYTHON3 store");

        assertThat(column(0)).containsExactly("/dev/shm/psm_0be4d117", "/dev/shm/psm_7f3a91c2");
        assertThat(status()).isEqualTo("2 of 8 shown");

        browser.evaluate("document.getElementById('word').value = ''");
        choose("fate", "there");
        assertThat(status()).isEqualTo("3 of 8 shown");
        choose("kind", "POSIX_SEM");
        assertThat(column(0)).containsExactly("/dev/shm/sem.ring.4711");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void everythingIsThereWithoutJavaScript() throws Exception {
        browser.setScripts(false);
        browser.open(page);
        keep("no-javascript", WIDE, WHOLE);

        JsonNode tree = browser.send("Accessibility.getFullAXTree", Map.of());
        List<String> roles = new ArrayList<>();
        tree.get("nodes").forEach(node -> {
            if (!node.get("ignored").asBoolean()) {
                roles.add(node.path("role").path("value").asText());
            }
        });
        assertThat(roles)
                .filteredOn("row"::equals)
                .hasSize(1 + SampleReport.report().items().size());
        assertThat(roles).contains("columnheader", "rowheader", "cell").doesNotContain("searchbox", "button");
    }

    @Test
    void isPrintedWithoutWhatPaperCannotDo() throws Exception {
        browser.open(page);
        browser.setMedia("print", "light");

        assertThat(browser.evaluate("getComputedStyle(document.querySelector('.tools')).display")
                        .asText())
                .isEqualTo("none");
        assertThat(new String(browser.pdf(), 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
        keep("print", WIDE, WHOLE);
    }

    @Test
    void isForTheReadme() throws Exception {
        browser.setWidth(README);
        browser.open(page);
        keep("report", README, README_HEIGHT);
        browser.open(Files.writeString(
                folder.resolve("clean.html"),
                HtmlPage.of(new LeakReport("2026-11-20T09:14:52Z", SampleReport.SESSION, List.of(), List.of()))));
        assertThat(barriers()).isEmpty();
        keep("nothing", WIDE, WHOLE);
    }

    /** What axe finds that is serious or critical. */
    private List<String> barriers() throws IOException {
        try (InputStream axe = BrowserTests.class.getResourceAsStream("/axe.min.js")) {
            browser.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + ";0");
        }
        List<String> barriers = new ArrayList<>();
        JsonNode result = browser.evaluate("axe.run()");
        assertThat(result.get("passes").size()).isPositive();
        result.get("violations").forEach(violation -> {
            if (List.of("serious", "critical").contains(violation.get("impact").asText())) {
                barriers.add(violation.get("id").asText() + " " + violation.get("nodes"));
            }
        });
        return barriers;
    }

    private int contentWidth() throws IOException {
        return browser.evaluate("document.documentElement.scrollWidth").asInt();
    }

    private List<String> column(int index) throws IOException {
        List<String> cells = new ArrayList<>();
        browser.evaluate("[...document.querySelectorAll('tbody tr:not([hidden])')]" + ".map(row => row.cells[" + index
                        + "].firstElementChild.textContent)")
                .forEach(cell -> cells.add(cell.asText()));
        return cells;
    }

    private String sorting() throws IOException {
        return browser.evaluate("[...document.querySelectorAll('th[aria-sort]')]"
                        + ".map(head => head.textContent + ' ' + head.getAttribute('aria-sort')).join()")
                .asText();
    }

    private String status() throws IOException {
        return browser.evaluate("document.getElementById('shown').textContent").asText();
    }

    private void focus(String selector) throws IOException {
        browser.evaluate("document.querySelector('" + selector + "').focus()");
    }

    private void choose(String id, String value) throws IOException {
        browser.evaluate("{ const field = document.getElementById('" + id + "'); field.value = '" + value
                + "'; field.dispatchEvent(new Event('input')); }");
    }

    private void keep(String name, int width, int heightMax) throws IOException {
        String wanted = System.getProperty("shmkit.screenshots", "");
        if (!wanted.isEmpty()) {
            Path into = Files.createDirectories(Path.of(wanted));
            Files.write(into.resolve(name + ".png"), browser.screenshot(width, heightMax));
        }
    }
}
