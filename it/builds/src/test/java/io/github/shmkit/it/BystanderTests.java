package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That it would notice. */
class BystanderTests {
    private static final Path PROGRAM = Path.of(System.getProperty("shmkit.it.bystander"));

    @TempDir
    private Path folder;

    @Test
    void noticesThatAParkedSegmentIsRemoved() throws Exception {
        try (Bystander bystander = Bystander.start(PROGRAM, folder)) {
            assertThat(bystander.look()).isEqualTo("UNTOUCHED " + bystander.objects());
            assertThat(Machine.sysvOf(bystander.pid(), -1)).isNotEmpty();
            String parked = Machine.sysvOf(bystander.pid(), -1).stream()
                    .filter(row -> row.startsWith("shm") && row.split(" ", -1)[7].equals("0"))
                    .findAny()
                    .orElseThrow();
            assertThat(run("ipcrm", "-m", parked.split(" ", -1)[2])).isZero();

            assertThat(bystander.look()).isEqualTo("TOUCHED System V shared memory, parked");
        }
    }

    @Test
    void noticesThatAFileInUseIsReplaced() throws Exception {
        try (Bystander bystander = Bystander.start(PROGRAM, folder)) {
            Path used = Path.of("/dev/shm/bystander." + bystander.pid() + ".1");
            Path copy = Files.copy(used, folder.resolve("copy"));
            Files.delete(used);
            Files.copy(copy, used);

            assertThat(bystander.look()).isEqualTo("TOUCHED POSIX shared memory, in use");
            Files.delete(copy);
        }
    }

    @Test
    void leavesNothing() throws Exception {
        long pid;
        try (Bystander bystander = Bystander.start(PROGRAM, folder)) {
            pid = bystander.pid();
            assertThat(Machine.filesWith("bystander." + pid)).isNotEmpty();
        }

        assertThat(Machine.sysvOf(pid, -1)).isEmpty();
        assertThat(Machine.filesWith("bystander." + pid)).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
