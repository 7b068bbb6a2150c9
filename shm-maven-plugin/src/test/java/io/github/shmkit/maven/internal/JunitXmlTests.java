package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JunitXmlTests {
    @Test
    void aBuildThatLeavesNothingHasATestThatPasses() {
        assertThat(JunitXml.of(new LeakReport("2026-01-01T00:00:00.123Z", "", List.of(), List.of())))
                .isEqualTo("""
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="shmkit.leaks" tests="1" failures="0" errors="0" skipped="0" time="0" timestamp="2026-01-01T00:00:00">
                  <testcase classname="shmkit.leaks" name="nothing is left" time="0"/>
                </testsuite>
                """);
    }

    @Test
    void eachCreatorIsATestThatFailsByWhatItLeft() {
        String xml = JunitXml.of(SampleReport.report());

        assertThat(xml.lines())
                .contains(
                        "<testsuite name=\"shmkit.leaks\" tests=\"3\" failures=\"3\" errors=\"0\" skipped=\"0\" time=\"0\""
                                + " timestamp=\"2026-11-20T09:14:52\">",
                        "  <testcase classname=\"shmkit.leaks\" name=\"python3, during surefire:test (default-test) of"
                                + " store\" time=\"0\">",
                        "  <testcase classname=\"shmkit.leaks\" name=\"ringd, during failsafe:integration-test (default)"
                                + " of broker\" time=\"0\">",
                        "  </testcase>")
                .anyMatch(line -> line.startsWith("    <failure type=\"leak\" message=\"3 IPC objects left\">"))
                .anyMatch(line -> line.startsWith("    <failure type=\"leak\" message=\"1 IPC object left\">"))
                .filteredOn(line -> line.contains("/dev/shm/"))
                .hasSize(4);
    }
}
