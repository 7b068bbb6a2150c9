package io.github.shmkit.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class PageTests {
    private static final Pattern SVG = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL);

    private static String line(String id, String work, double goal, double ours) {
        return new Samples(id, work, "ms", "peer", goal, new double[] {ours}, new double[] {1}).line();
    }

    private static String page() {
        List<String> lines = new ArrayList<>(List.of(
                line("B1", "a <segment>", 2, 3), line("B1", "another", Peer.NO_GOAL, 0.4), "# B1: a note & more"));
        for (int there = 1; there <= 10_000; there *= 10) {
            lines.add(line("B11", "B9 of " + there + " files", there == 1 ? Peer.NO_GOAL : there, there));
        }
        return Page.of(Results.of(lines), Benchmark.all(), Map.of("java", "17"), List.of("1 of 1 ratios"));
    }

    @Test
    void thePageNeedsNothingElse() {
        assertThat(page())
                .contains("default-src 'none'")
                .doesNotContain("<script", "<link", "src=", "href=", "url(", "@import");
    }

    @Test
    void whatWasMeasuredIsText() {
        assertThat(page()).contains("a &lt;segment&gt;", "a note &amp; more").doesNotContain("<segment>");
    }

    @Test
    void everyBenchmarkHasItsWordsEvenIfItWasNotRun() {
        assertThat(page())
                .contains(Benchmark.all().stream()
                        .flatMap(b -> java.util.stream.Stream.of(
                                "<section id=\"" + b.id() + "\">",
                                Page.escape(b.work()),
                                Page.escape(b.peers()),
                                Page.escape(b.goal())))
                        .toList())
                .contains("Not measured in this run.");
    }

    @Test
    void chartsAreWellFormed() {
        List<String> charts =
                SVG.matcher(page()).results().map(match -> match.group()).toList();
        assertThat(charts)
                .hasSize(2)
                .allSatisfy(chart -> assertThat(DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(new InputSource(new StringReader(chart)))
                                .getDocumentElement()
                                .getTagName())
                        .isEqualTo("svg"));
        assertThat(charts.get(0)).contains("class=\"bar missed\"", "class=\"bar free\"", "class=\"goal\"");
        assertThat(charts.get(1)).contains("linear", "class=\"series3\"").doesNotContain("NaN", "Infinity");
    }
}
