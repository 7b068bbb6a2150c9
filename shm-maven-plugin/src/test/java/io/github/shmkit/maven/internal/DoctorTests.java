package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.session.LedgerContents.Source;
import io.github.shmkit.internal.session.LedgerContents.Watch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorTests {
    private static Limits.Limit limit(long used, long max) {
        return new Limits.Limit("queues", "q", OptionalLong.of(used), OptionalLong.of(max), "kernel.q", false);
    }

    @Test
    void aLimitSaysHowFullItIs() {
        assertThat(limit(7, 10).text()).isEqualTo("queues: 7 of 10 (kernel.q)");
        assertThat(limit(8, 10).text()).isEqualTo("queues: 8 of 10 (kernel.q), nearly full");
        assertThat(limit(8, -1).text()).isEqualTo("queues: 8, no limit (kernel.q)");
        assertThat(limit(0, 0).isNearlyFull()).isFalse();
    }

    @Test
    void numbersOfTheKernelAreWhole() throws Exception {
        Path file = Path.of("/proc/sys/kernel/sem");
        String[] fields = new String(
                        new java.io.FileInputStream(file.toFile()).readNBytes(256), StandardCharsets.US_ASCII)
                .trim()
                .split("\\s+", -1);
        for (int i = 0; i < fields.length; i++) {
            assertThat(Limits.number(file, i)).hasValue(Long.parseLong(fields[i]));
        }
        assertThat(Limits.number(file, fields.length)).isEmpty();
        assertThat(Limits.number(Path.of("/proc/sys/kernel/none"), 0)).isEmpty();
    }

    @Test
    void countsWhatIsThere(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("doctor.json");
        Process holder = new ProcessBuilder(
                        "perl",
                        "-e",
                        "$id = shmget(0, 12345, 01600); $| = 1; print \"$id\\n\"; <STDIN>; shmctl($id, 0, 0)")
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isNotBlank();
            Doctor.Examination found = Doctor.examine();
            Doctor.run(Optional.of(json), new Log());

            assertThat(found.limits().get(0).used().orElseThrow()).isPositive();
            assertThat(found.lines())
                    .anyMatch(line -> line.startsWith(
                            "  perl (" + holder.pid() + "), user " + BaselineFile.uid() + ": 1 object, 12.1 KiB"))
                    .hasSizeLessThan(60);
            Object read = Json.read(Files.readString(json));
            assertThat(Json.number(read, "schema")).isEqualTo(1);
            assertThat(Json.list(read, "limits")).hasSameSizeAs(found.limits());
            assertThat(Json.list(read, "attribution")).hasSize(4);
        } finally {
            holder.outputWriter().close();
            assertThat(holder.waitFor()).isZero();
        }
        assertThat(Doctor.examine().lines()).noneMatch(line -> line.contains("perl (" + holder.pid() + ")"));
    }

    @ParameterizedTest
    @CsvSource({
        "KERNEL, KERNEL, KERNEL, R",
        "KERNEL, KERNEL, SEEN, U",
        "KERNEL, SEEN, NOTHING, U",
        "SEEN, SEEN, NOTHING, S",
    })
    void levelIsWhatTheKernelNames(Source processes, Source files, Source queues, String level) {
        Attribution attribution = new Attribution(new Watch(processes, files, queues));

        assertThat(attribution.level()).isEqualTo(level);
        assertThat(attribution.summary()).startsWith("level " + level + ": ");
        assertThat(attribution.hindrance().isEmpty()).isEqualTo(attribution.isComplete());
    }

    @Test
    void eachThingThatIsMissingHasItsRemedy() {
        Attribution attribution =
                new Attribution(new Watch(Source.SEEN, Source.SEEN, Source.NOTHING, List.of(13, 1, 22)));

        assertThat(attribution.lines())
                .extracting(Attribution.Line::remedy)
                .satisfiesExactly(
                        remedy -> assertThat(remedy).contains("sysctl kernel.perf_event_paranoid=2"),
                        remedy -> assertThat(remedy).contains("CAP_SYS_ADMIN"),
                        remedy -> assertThat(remedy).isEqualTo("Linux 6.8 or newer"),
                        remedy -> assertThat(remedy).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A K", "A K K X 0 0 0", "A K K K 0 0 many", "X P"})
    void whatIsNoRecordIsRefused(String record) {
        assertThatThrownBy(() -> Watch.parse(record)).hasMessageContaining("not a");
    }

    @Test
    void theModeIsCheckedByName() throws Exception {
        assertThat(Attribution.Mode.parse(" Always ")).isEqualTo(Attribution.Mode.ALWAYS);
        assertThatThrownBy(() -> Attribution.Mode.parse("yes"))
                .hasMessage("shm.attribute: 'yes' is not known; give auto, always or never");
    }
}
