package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps of a CI job that are commands of their own, without a project: a snapshot, a step that leaks, and what follows. */
class StepsIT {
    private static final String PREFIX = "steps." + ProcessHandle.current().pid() + ".";
    private static final String BASELINE = "-Dshm.baseline=before.json";
    private static final String OURS = "-Dshm.includes=" + PREFIX + "*";

    private final Path older = Path.of("/dev/shm", PREFIX + "older");
    private final Path newer = Path.of("/dev/shm", PREFIX + "newer");

    @TempDir
    private Path nowhere;

    @BeforeEach
    void leakInAStepAfterASnapshot() throws Exception {
        Files.writeString(older, "older");
        Mvn snapshot = Mvn.run(nowhere, Mvn.GOAL + "snapshot", BASELINE);
        assertThat(snapshot.exitCode()).isZero();
        Files.writeString(newer, "newer");
    }

    @AfterEach
    void removeBoth() throws Exception {
        Files.deleteIfExists(older);
        Files.deleteIfExists(newer);
    }

    @Test
    void whatIsNewIsRemovedOnceItIsClaimed() throws Exception {
        Mvn clean = Mvn.run(nowhere, Mvn.GOAL + "clean", BASELINE, OURS);
        assertThat(clean.exitCode()).isZero();
        assertThat(clean.log())
                .contains("kept POSIX_SHM " + newer
                        + " (5 B): it is new since the snapshot, and nothing tells who made it")
                .contains("-Dshm.claim=<name> removes what you say is yours")
                .contains("0 objects removed")
                .doesNotContain(older.toString());
        assertThat(newer).exists();

        Mvn claiming = Mvn.run(nowhere, Mvn.GOAL + "clean", BASELINE, "-Dshm.claim=" + PREFIX + "*");
        assertThat(claiming.exitCode()).isZero();
        assertThat(claiming.log()).contains("removed POSIX_SHM " + newer).contains("1 object removed");
        assertThat(newer).doesNotExist();
        assertThat(older).exists();
    }

    @Test
    void whatCannotBeWrittenIsOneWarningAndTheRestIsDone() throws Exception {
        Mvn check = Mvn.run(
                nowhere,
                Mvn.GOAL + "check",
                BASELINE,
                OURS,
                "-Dshm.settleMillis=0",
                "-Dshm.format=junit",
                "-Dshm.reports=/proc/nowhere",
                "-Dshm.metricsFile=numbers.prom");

        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.log())
                .contains("leaked POSIX_SHM " + newer + " (5 B)")
                .containsPattern(
                        "\\[WARNING] cannot write /proc/nowhere/leaks.json: .*; make it writable, or set shm.reports")
                .containsPattern("\\[WARNING] cannot write /proc/nowhere/TEST-shmkit.xml: ");
        assertThat(nowhere.resolve("numbers.prom")).content().contains("shmkit_leaked_bytes{kind=\"POSIX_SHM\"} 5\n");
    }

    @Test
    void aSnapshotOfAnotherBootIsRefusedBeforeAnythingIsTouched() throws Exception {
        Path file = nowhere.resolve("before.json");
        String right = Files.readString(file);
        Files.writeString(file, right.replaceAll("\"boot\": \"[^\"]*\"", "\"boot\": \"another\""));

        Mvn clean = Mvn.run(nowhere, Mvn.GOAL + "clean", BASELINE, "-Dshm.claim=" + PREFIX + "*");

        assertThat(clean.exitCode()).isEqualTo(1);
        assertThat(clean.log())
                .contains(
                        "before.json is of another boot, host or container (boot differs); make a new one with shm:snapshot");
        assertThat(newer).exists();

        // The control: with the snapshot as it was, it goes.
        Files.writeString(file, right);
        Mvn.run(nowhere, Mvn.GOAL + "clean", BASELINE, "-Dshm.claim=" + PREFIX + "*");
        assertThat(newer).doesNotExist();
        assertThat(older).exists();
    }
}
