package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps of a job, with real objects. */
class CleanTests {
    private static final String PREFIX =
            "shmkit-clean-" + ProcessHandle.current().pid() + ".";

    private final Log log = new Log();
    private final Path older = Path.of("/dev/shm", PREFIX + "older");
    private final Path newer = Path.of("/dev/shm", PREFIX + "newer");

    @TempDir
    private Path folder;

    @BeforeEach
    void takeASnapshotBetweenTwoObjects() throws Exception {
        Files.writeString(older, "older");
        assertThat(Snapshot.write(folder.resolve("before.json"), log)).isEmpty();
        Files.writeString(newer, "newer");
    }

    @AfterEach
    void removeBoth() throws Exception {
        Files.deleteIfExists(older);
        Files.deleteIfExists(newer);
    }

    @Test
    void whatIsNewIsKeptAsLongAsSomebodyElseMayHaveMadeIt() throws Exception {
        assertThat(clean(false, List.of(), false)).isEmpty();

        assertThat(newer).exists();
        assertThat(log.lines())
                .contains("WARN kept POSIX_SHM " + newer
                        + " (5 B): it is new since the snapshot, and nothing tells who made it; remedy: mvn shm:clean"
                        + " -Dshm.claim=" + PREFIX + "newer, when it has rested for ten minutes")
                .contains("INFO if nobody else makes IPC objects on this host, -Dshm.exclusive removes what is new too;"
                        + " -Dshm.claim=<name> removes what you say is yours")
                .noneMatch(line -> line.contains("older"));
    }

    @Test
    void whatIsNewGoesWhereNobodyElseMakesObjects() throws Exception {
        assertThat(clean(true, List.of(), true)).isEmpty();
        assertThat(newer).exists();
        assumeThat(log.lines())
                .as("another session lives on this machine, so that it is not ours alone")
                .noneMatch(line -> line.contains("but another session ran beside it"));
        assertThat(log.lines()).anyMatch(line -> line.startsWith("INFO would remove POSIX_SHM " + newer));

        assertThat(clean(true, List.of(), false)).isEmpty();

        assertThat(newer).doesNotExist();
        assertThat(older).exists();
    }

    @Test
    void whatTheUserClaimsGoesIfItIsNew() throws Exception {
        assertThat(clean(false, List.of(PREFIX + "*"), false)).isEmpty();

        assertThat(newer).doesNotExist();
        assertThat(older).exists();
    }

    @Test
    void aSnapshotOfAnotherBootIsRefusedBeforeAnythingIsTouched() throws Exception {
        Path file = folder.resolve("before.json");
        Files.writeString(file, Files.readString(file).replaceAll("\"boot\": \"[^\"]*\"", "\"boot\": \"x\""));

        assertThatThrownBy(() -> clean(true, List.of(), false))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is of another boot, host or container (boot differs)");
        assertThat(newer).exists();
    }

    private List<String> clean(boolean exclusive, List<String> claim, boolean dryRun) throws BadInputException {
        Selection selection = Selection.parse(List.of(), List.of(PREFIX + "*"), List.of(), claim, exclusive, "");
        return Clean.run(selection, Optional.of(folder.resolve("before.json")), dryRun, 0, log);
    }
}
