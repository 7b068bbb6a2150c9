package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.observed;
import static io.github.shmkit.maven.internal.Findings.recorded;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportsTests {
    private static final byte[] HOSTILE = hostile();
    private static final String COMMAND =
            "/usr/bin/perl -e '::stop-commands::x' </script><script>alert(1)</script> --password=x";

    private final List<String> log = new ArrayList<>();

    @Test
    void jsonKeepsTheVeryBytesOfANameBesideWhatCanBeRead() {
        String json = report().toJson();
        Object object = Json.list(Json.read(json), "objects").get(0);

        assertThat(Json.number(Json.read(json), "schema")).isEqualTo(1);
        assertThat(Base64.getUrlDecoder().decode(Json.text(object, "nameBase64")))
                .isEqualTo(HOSTILE);
        assertThat(Json.text(object, "address")).startsWith("/dev/shm/x\\x0a::stop-commands::y\\x1b[2J");
        assertThat(Json.bool(object, "leak")).isTrue();
        assertThat(LeakReport.ofJson(json)).isEqualTo(report());
        assertThat(json.replace("\n", "").codePoints().noneMatch(Character::isISOControl))
                .isTrue();
    }

    @Test
    void junitFailsATestForEachCreator() throws Exception {
        Document xml = parse(JunitXml.of(report()));

        assertThat(xml.getDocumentElement().getAttribute("failures")).isEqualTo("2");
        assertThat(xml.getElementsByTagName("testcase").getLength()).isEqualTo(2);
        assertThat(xml.getElementsByTagName("failure").item(0).getTextContent())
                .contains("leaked POSIX_SHM /dev/shm/x\\x0a::stop-commands::y\\x1b[2J<script>&\"'");
        assertThat(xml.getElementsByTagName("script").getLength()).isZero();
    }

    @Test
    void junitPassesWhenNothingIsLeft() throws Exception {
        Document xml = parse(JunitXml.of(new LeakReport("2026-01-01T00:00:00Z", "", List.of(), List.of())));

        assertThat(xml.getDocumentElement().getAttribute("tests")).isEqualTo("1");
        assertThat(xml.getDocumentElement().getAttribute("failures")).isEqualTo("0");
        assertThat(xml.getDocumentElement().getAttribute("timestamp")).isEqualTo("2026-01-01T00:00:00");
    }

    @Test
    void htmlHoldsNoMarkupButItsOwn() throws Exception {
        String page = HtmlPage.of(report());

        assertThat(page).containsOnlyOnce("<script>").doesNotContain("<script>&", "alert(1)</script>", "\u001b");
        assertThat(page)
                .contains("&lt;script&gt;&amp;&quot;&#39;")
                .contains("<html lang=\"en\">", "<caption>", " scope=\"col\"", "prefers-color-scheme: dark")
                .doesNotContain("http://", "https://", " style=");
        Document xml = html(report());
        assertThat(xml.getElementsByTagName("tbody").item(0).getTextContent()).contains("perl, process 77");
        assertThat(rows(xml)).isEqualTo(2);
        assertThat(xml.getElementsByTagName("ol").getLength()).isEqualTo(2);
    }

    @Test
    void htmlSaysWhatBecameOfEach() throws Exception {
        Document xml = html(SampleReport.report());

        assertThat(rows(xml)).isEqualTo(8);
        assertThat(xml.getElementsByTagName("tbody").item(0).getTextContent())
                .contains("removed", "could not be removed", "removing it: BUSY", "kept", "09:14:31.208")
                .contains("R6_NO_CARRIER: process 4919, started by this build, still runs");
        assertThat(xml.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo("6 objects left behind");
        assertThat(xml.getElementsByTagName("dl").item(0).getTextContent())
                .isEqualToIgnoringWhitespace("Left behind6 objects Memory held20.5 MiB Creators3 Still there1");
    }

    @Test
    void htmlStaysUsableHoweverMuchIsLeft() throws Exception {
        Finding[] findings = new Finding[HtmlPage.ROWS_MAX + 7];
        for (int i = 0; i < findings.length; i++) {
            findings[i] = recorded(sysv(IpcKind.SYSV_SHM, i, 1, 1), SESSION + ".1");
        }
        Document xml = html(report(false, findings));

        assertThat(rows(xml)).isEqualTo(HtmlPage.ROWS_MAX);
        assertThat(xml.getDocumentElement().getTextContent()).contains("7 more are in leaks.json.");
    }

    @Test
    void htmlSaysThatNothingIsLeft() {
        assertThat(HtmlPage.of(new LeakReport("now", "", List.of(), List.of("queues <b> cannot be listed"))))
                .contains("Nothing left behind", "<li><bdi>queues &lt;b&gt; cannot be listed</bdi></li>")
                .doesNotContain("<table");
    }

    /** What is well-formed XML but for these has every element closed. */
    private static Document html(LeakReport report) throws Exception {
        return parse(HtmlPage.of(report)
                .replaceAll("(?s)<!DOCTYPE html>|<meta [^>]*>|<style>.*</style>|<script>.*</script>|<input[^>]*>", "")
                .replace("<div class=\"tools\" hidden>", "<div>"));
    }

    private static int rows(Document html) {
        return ((Element) html.getElementsByTagName("tbody").item(0))
                .getElementsByTagName("tr")
                .getLength();
    }

    @Test
    void githubGetsOneLineForEachLeak() {
        List<String> lines = GithubActions.annotations(report());

        assertThat(lines).hasSize(2).allMatch(line -> line.startsWith("::error title=Leaked "));
        assertThat(lines)
                .noneMatch(line -> line.contains("\n") || line.contains("\u001b"))
                .first()
                .asString()
                .startsWith("::error title=Leaked POSIX_SHM::leaked POSIX_SHM /dev/shm/x\\x0a::stop-commands::y");
        assertThat(GithubActions.summary(report()))
                .contains("| POSIX&#95;SHM | &#47;dev&#47;shm&#47;x&#92;x0a&#58;&#58;stop&#45;commands")
                .doesNotContain("<", "\u001b");
    }

    @Test
    void githubShowsTenAnnotations() {
        Finding[] findings = new Finding[12];
        for (int i = 0; i < findings.length; i++) {
            findings[i] = recorded(sysv(IpcKind.SYSV_SHM, i, 1, 1), SESSION + ".1");
        }

        assertThat(GithubActions.annotations(report(false, findings)))
                .hasSize(10)
                .last()
                .isEqualTo("::error title=Leaks::3 more; the step's summary has them");
    }

    @Test
    void metricsHaveEveryKind() {
        assertThat(Metrics.of(report()).lines())
                .contains(
                        "# TYPE shmkit_leaked_objects gauge",
                        "shmkit_leaked_objects{kind=\"POSIX_SHM\"} 1",
                        "shmkit_leaked_bytes{kind=\"POSIX_SHM\"} 4096",
                        "shmkit_leaked_objects{kind=\"SYSV_SEM\"} 1",
                        "shmkit_leaked_bytes{kind=\"SYSV_SEM\"} 0",
                        "shmkit_leaked_objects{kind=\"MMAP_FILE\"} 0")
                .last()
                .isEqualTo("# EOF");
    }

    @Test
    void commandLinesAreForThoseWhoAskForThem() {
        assertThat(report().toJson()).contains("\"creator\": \"perl\"").doesNotContain("password");
        assertThat(report(true, findings()).toJson()).contains("--password=x");
        assertThat(HtmlPage.of(report(true, findings()))).containsOnlyOnce("</script>");
        assertThat(GithubActions.annotations(report(true, findings())))
                .allMatch(line -> line.startsWith("::error ") && !line.contains("\n"));
    }

    @Test
    void filesAreWritten(@TempDir Path folder) throws Exception {
        Path summary = Files.writeString(folder.resolve("summary.md"), "before\n");
        new ReportFiles(
                        folder.resolve("target/shmkit"),
                        EnumSet.allOf(Format.class),
                        Optional.of(folder.resolve("metrics/shmkit.prom")),
                        Map.of("GITHUB_STEP_SUMMARY", summary.toString()))
                .write(report(), console());

        assertThat(folder.resolve("target/shmkit"))
                .isDirectoryContaining("glob:**leaks.json")
                .isDirectoryContaining("glob:**leaks.html")
                .isDirectoryContaining("glob:**TEST-shmkit.xml");
        assertThat(folder.resolve("target/shmkit").toFile().list()).hasSize(3);
        assertThat(folder.resolve("metrics/shmkit.prom")).content().endsWith("# EOF\n");
        assertThat(summary).content().isEqualTo("before\n");
        assertThat(log).isEmpty();
    }

    @Test
    void oneThatCannotBeWrittenIsAWarningAndTheOthersAre(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("fi\nle"), "");
        new ReportFiles(folder, Set.of(Format.JSON), Optional.of(file.resolve("metrics")), Map.of())
                .write(report(), console());

        assertThat(folder.resolve("leaks.json")).exists();
        assertThat(log)
                .singleElement()
                .asString()
                .startsWith("WARN cannot write " + folder + "/fi\\x0ale/metrics: ")
                .endsWith("; make it writable, or set shm.reports or shm.metricsFile to another place");
    }

    @Test
    void refusesFolderOfStrangerWithRemedy(@TempDir Path folder) throws Exception {
        Stranger.assumePossible();
        Path strangers = Stranger.folder(folder, "strangers");
        Path metrics = strangers.resolve("shmkit.prom");

        new ReportFiles(strangers, Set.of(Format.JSON), Optional.of(metrics), Map.of()).write(report(), console());

        String why = ": the folder " + strangers + " belongs to user 65534, who can exchange files in it; make it"
                + " writable, or set shm.reports or shm.metricsFile to another place";
        assertThat(log)
                .containsExactly(
                        "WARN cannot write " + strangers.resolve("leaks.json") + why,
                        "WARN cannot write " + metrics + why);
        assertThat(strangers).isEmptyDirectory();
        assertThatThrownBy(() -> SiteReport.write(folder, strangers.resolve("shmkit.html")))
                .hasMessageContaining("belongs to user 65534");
    }

    @Test
    void thePageOfTheSiteShowsTheLastCheck(@TempDir Path folder) throws Exception {
        Path page = folder.resolve("site/shmkit.html");
        SiteReport.write(folder, page);
        assertThat(page)
                .content()
                .contains("Not checked yet", "has not run in this build")
                .doesNotContain("Nothing left behind");

        Files.writeString(folder.resolve("leaks.json"), report().toJson());
        SiteReport.write(folder, page);
        assertThat(page).content().isEqualTo(HtmlPage.of(report()));
    }

    private static LeakReport report() {
        return report(false, findings());
    }

    private static Finding[] findings() {
        return new Finding[] {
            observed(Findings.file(IpcKind.POSIX_SHM, RawName.of(HOSTILE), 4096), SESSION, 77, COMMAND),
            recorded(sysv(IpcKind.SYSV_SEM, 1, 2, 3), SESSION + ".1")
        };
    }

    private static LeakReport report(boolean commandLines, Finding... findings) {
        List<Item> items = new ArrayList<>();
        for (Finding finding : findings) {
            items.add(Item.of(finding, true, commandLines, ""));
        }
        return new LeakReport("2026-01-01T00:00:00Z", SESSION, items, List.of());
    }

    private static byte[] hostile() {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        name.writeBytes("x\n::stop-commands::y\033[2J<script>&\"'|`##[error]".getBytes(StandardCharsets.UTF_8));
        name.write(0xff);
        return name.toByteArray();
    }

    private static Document parse(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    private Console console() {
        return new Console() {
            @Override
            public void info(String line) {
                log.add("INFO " + line);
            }

            @Override
            public void warn(String line) {
                log.add("WARN " + line);
            }

            @Override
            public void debug(String line) {}
        };
    }
}
