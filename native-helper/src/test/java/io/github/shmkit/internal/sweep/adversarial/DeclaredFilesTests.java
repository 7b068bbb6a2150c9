package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.DeclaredDirectories;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.RunningBuild;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Mapped files in directories that the user declares. */
@Isolated
@ExtendWith(PrivateShm.class)
class DeclaredFilesTests {
    @TempDir
    private Path temporary;

    private Path folder;

    @BeforeEach
    void prepare() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        folder = Files.createDirectory(temporary.toRealPath().resolve("ring"));
    }

    private RunningBuild build(String command) throws Exception {
        return RunningBuild.start(List.of("env", "DECLARED=" + temporary.toRealPath() + "/r*"), command);
    }

    private String make(String name) {
        return "echo data > " + folder + "/" + name + ";";
    }

    @Test
    void whatTheBuildMadeGoesAndNothingElse() throws Exception {
        Path older = Files.writeString(folder.resolve("older"), "was there before");
        Path beside = temporary.toRealPath().resolve("beside");
        try (RunningBuild build =
                build(make("new") + "echo data > " + beside + "; mkdir -p " + folder + "/deep;" + make("deep/new"))) {
            Path outsiders = Files.writeString(folder.resolve("outsiders"), "made by somebody else meanwhile");

            List<String> said = build.tell("sweep");

            assertThat(said)
                    .filteredOn(line -> line.startsWith("MMAP_FILE " + folder) && line.endsWith("[removed]"))
                    .hasSize(2);
            assertThat(said).anyMatch(line -> line.startsWith("MMAP_FILE " + outsiders + ": SUSPECT R4_EXCLUSIVE"));
            assertThat(outsiders).exists();
        }
        assertThat(older).exists();
        assertThat(beside).exists();
        assertThat(folder.resolve("deep")).isEmptyDirectory();
    }

    @Test
    void fileThatIsOpenStays() throws Exception {
        try (RunningBuild build = build(make("held") + make("free"))) {
            Process holder =
                    new ProcessBuilder("sh", "-c", "exec 3< " + folder + "/held; echo open; exec sleep 60").start();
            try {
                assertThat(holder.inputReader().readLine()).isEqualTo("open");
                build.tell("sweep");
                assertThat(folder.resolve("held")).exists();
                assertThat(folder.resolve("free")).doesNotExist(); // the control
            } finally {
                holder.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void nextSweepKnowsThemByTheLedgerOfAKilledBuild() throws Exception {
        try (RunningBuild build = build(make("new") + "sleep 0.3")) {
            build.kill();
        }
        assertThat(folder.resolve("new")).exists();
        Removal.run(SweepPolicy.standard());
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void whatWasNotDeclaredWhenTheBuildBeganIsNotNewToIt() throws Exception {
        Path older = Files.writeString(folder.resolve("older"), "was there before");
        try (RunningBuild build = RunningBuild.start(List.of(), "sleep 0.3")) {
            build.kill();
        }
        Removal.run(SweepPolicy.standard()
                .withExclusive(true)
                .withMinAge(Duration.ZERO)
                .withDirectories(new DeclaredDirectories(List.of(folder.toString()))));
        assertThat(older).exists();
    }
}
