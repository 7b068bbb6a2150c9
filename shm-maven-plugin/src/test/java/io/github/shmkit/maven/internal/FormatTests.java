package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FormatTests {
    private static final LeakReport REPORT = SampleReport.report();

    @Test
    void namesAreTakenInAnyCase() throws Exception {
        assertThat(Format.parse(List.of("html", " JUnit"))).containsExactly(Format.HTML, Format.JUNIT);
        assertThat(Format.parse(List.of())).isEmpty();
    }

    @Test
    void aCheckAlwaysWritesWhatToolsRead() throws Exception {
        assertThat(Format.ofCheck(List.of("text"))).containsExactly(Format.TEXT, Format.JSON);
        assertThat(Format.ofCheck(List.of())).containsExactly(Format.JSON);
    }

    @Test
    void whatIsNoFormatIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> Format.parse(List.of("json", "x\nml")))
                .isInstanceOf(BadInputException.class)
                .hasMessage(
                        "shm.format: 'x\\x0aml' is no format; give one or more of text, json, html, junit, separated"
                                + " by commas");
        assertThatThrownBy(() -> Format.ofCheck(List.of(""))).hasMessageStartingWith("shm.format: '' is no format");
    }

    @Test
    void eachHasItsFileButTheLog() {
        assertThat(Format.values())
                .extracting(Format::file)
                .containsExactly("", "leaks.json", "leaks.html", "TEST-shmkit.xml");
    }

    @Test
    void eachShowsTheReportInItsOwnWay() {
        assertThat(Format.TEXT.render(REPORT)).isEmpty();
        assertThat(Format.JSON.render(REPORT)).isEqualTo(REPORT.toJson());
        assertThat(Format.HTML.render(REPORT)).isEqualTo(HtmlPage.of(REPORT));
        assertThat(Format.JUNIT.render(REPORT)).isEqualTo(JunitXml.of(REPORT));
    }
}
