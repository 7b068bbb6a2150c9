package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariablesTests {
    @Test
    void aProgramFindsItsNameTheCheckpointsAndEachSegmentFromOne() {
        assertThat(Variables.of(
                        "writer",
                        List.of(Segments.posix("ring", "r", 4096), Segments.file("log", "/tmp/log", 8)),
                        Segments.posix("control", "c", 100),
                        "/proc/1/fd/5"))
                .containsExactly(
                        Map.entry("SHMKIT_HELPER", "writer"),
                        Map.entry("SHMKIT_CONTROL", "posix:/c?size=100"),
                        Map.entry("SHMKIT_PROGRAM", "/proc/1/fd/5"),
                        Map.entry("SHMKIT_SEGMENT_1_LABEL", "ring"),
                        Map.entry("SHMKIT_SEGMENT_1_URI", "posix:/r?size=4096"),
                        Map.entry("SHMKIT_SEGMENT_2_LABEL", "log"),
                        Map.entry("SHMKIT_SEGMENT_2_URI", "file:/tmp/log?size=8"));
    }
}
