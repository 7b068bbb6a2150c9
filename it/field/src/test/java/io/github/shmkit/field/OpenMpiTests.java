package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(
        name = "Open MPI",
        debian = "libopenmpi-dev",
        needs = {
            @Needs(file = "mpirun", debian = "openmpi-bin"),
            @Needs(file = "/usr/lib/x86_64-linux-gnu/openmpi/include/mpi.h", debian = "libopenmpi-dev")
        })
class OpenMpiTests {
    @TempDir
    private static Path folder;

    private static String program;

    @BeforeAll
    static void compile() throws Exception {
        String openmpi = "/usr/lib/x86_64-linux-gnu/openmpi/";
        program = Programs.compile(folder, "mpi.c", "-I" + openmpi + "include", "-L" + openmpi + "lib", "-lmpi");
    }

    private static CommandHelper.Builder mpi(ShmTestkit kit, String... more) {
        return kit.command(
                "mpirun",
                Stream.concat(
                                Stream.of(
                                        "mpirun",
                                        "--allow-run-as-root",
                                        "--oversubscribe",
                                        "--mca",
                                        "btl",
                                        "vader,self",
                                        "-n",
                                        "2",
                                        program),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    private static long segments() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("vader_segment"))
                    .count();
        }
    }

    @Test
    @Asked(
            operation = "a rank killed between two barriers",
            question = "Does the other rank end, and is the shared memory of both removed?",
            answer = "Yes: mpirun ends all ranks and removes what they left.",
            points = 1)
    void killedRank(ShmTestkit kit) throws IOException {
        Programs.run(mpi(kit));

        CommandHelper job = mpi(kit, "kill").start();
        job.expectExit(ExitPredicate.any());

        assertThat(job.awaitExit()).isEqualTo(Exit.code(137));
        assertThat(job.stdout().text()).contains("they have met");
        assertThat(segments()).isZero();
    }
}
