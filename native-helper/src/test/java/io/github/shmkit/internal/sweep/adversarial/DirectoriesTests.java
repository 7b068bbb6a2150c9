package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.sweep.RunningBuild;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Directories below /dev/shm, and what is in them. */
@Isolated
@ExtendWith(PrivateShm.class)
class DirectoriesTests {
    private static final Path SHM = Path.of("/dev/shm");
    private static final String TREE = "mkdir -p /dev/shm/ring/images; echo data > /dev/shm/ring/cnc.dat;"
            + " echo data > /dev/shm/ring/images/1.log; mv /dev/shm/ring/images/1.log /dev/shm/ring/images/2.log";

    @BeforeEach
    void needPids() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
    }

    private static List<String> sweep(String command) throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), command)) {
            return build.tell("sweep");
        }
    }

    @Test
    void filesGoAndThenTheDirectoriesThatTheBuildMade() throws Exception {
        Path older = Files.createDirectory(SHM.resolve("older"));

        List<String> said = sweep(TREE + "; echo data > /dev/shm/older/file");

        assertThat(said)
                .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/ring/images/2.log: DELETE R7_UNUSED")
                        && line.contains("(sh")
                        && line.endsWith("[removed]"))
                .anyMatch(line -> line.startsWith("DIRECTORY /dev/shm/ring/images: DELETE R7_UNUSED")
                        && line.endsWith("[removed]"))
                .anyMatch(line -> line.startsWith("DIRECTORY /dev/shm/ring: DELETE") && line.endsWith("[removed]"))
                .contains("finished true");
        assertThat(SHM.resolve("ring")).doesNotExist();
        assertThat(older).isEmptyDirectory();
    }

    @Test
    void directoryStaysWithWhatSomebodyElsePutIntoIt() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), TREE)) {
            Path other = Files.writeString(SHM.resolve("ring/images/other"), "an outsider's");

            List<String> said = build.tell("sweep");

            assertThat(other).hasContent("an outsider's");
            assertThat(SHM.resolve("ring/cnc.dat")).doesNotExist();
            assertThat(said)
                    .anyMatch(line ->
                            line.startsWith("DIRECTORY /dev/shm/ring: LIVE R7_UNUSED it is not empty: /dev/shm/")
                                    && line.endsWith(" stays"))
                    .contains("finished false");
        }
    }

    @Test
    void filesThatAreOpenStayWithTheirDirectory() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), TREE)) {
            Process holder =
                    new ProcessBuilder("sh", "-c", "exec 3< /dev/shm/ring/cnc.dat; echo open; exec sleep 60").start();
            try {
                assertThat(holder.inputReader().readLine()).isEqualTo("open");
                build.tell("sweep");
                assertThat(SHM.resolve("ring/cnc.dat")).hasContent("data");
                assertThat(SHM.resolve("ring/images")).doesNotExist(); // the control: nobody holds anything in it
            } finally {
                holder.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void linksAreNotFollowedAndKeepTheirDirectory() throws Exception {
        Path outside = Files.createTempDirectory("outside");
        Path file = Files.writeString(outside.resolve("file"), "not in shared memory");

        List<String> said = sweep(TREE + "; ln -s " + outside + " /dev/shm/ring/link");

        assertThat(file).hasContent("not in shared memory");
        assertThat(SHM.resolve("ring/link")).isSymbolicLink();
        assertThat(said).anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/ring/link: SUSPECT R1_TYPE"));
        Files.delete(file);
        Files.delete(outside);
    }

    @Test
    void whatAnotherUserMadeForTheBuildGoesFromRootsDirectoryAndHisOwn() throws Exception {
        String command = "mkdir -m 1777 /dev/shm/ring; setpriv --reuid=65533 --regid=65533 --clear-groups -- sh -c '"
                + "umask 077; mkdir /dev/shm/ring/his; echo data > /dev/shm/ring/his/file; echo data > /dev/shm/ring/file;"
                + " ipcmk -M 4096'";

        List<String> said = sweep(command);

        assertThat(said).filteredOn(line -> line.endsWith("[removed]")).hasSize(5);
        assertThat(SHM.resolve("ring")).doesNotExist();
    }

    @Test
    void whatAnotherUserMadeForNoBuildStays() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), "true")) {
            assertThat(new ProcessBuilder(
                                    "setpriv",
                                    "--reuid=65533",
                                    "--regid=65533",
                                    "--clear-groups",
                                    "--",
                                    "sh",
                                    "-c",
                                    "mkdir /dev/shm/his; echo data > /dev/shm/his/file")
                            .inheritIO()
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(build.tell("sweep")).noneMatch(line -> line.endsWith("[removed]"));
            assertThat(SHM.resolve("his/file")).hasContent("data");
        }
    }

    @Test
    void exclusiveRemovesSetsAndQueuesThatNobodyWaitsAt() throws Exception {
        String make = "ipcmk -S 1 | grep -o '[0-9]*$' > /dev/shm/set; ipcmk -Q; ipcmk -S 1";
        try (RunningBuild build = RunningBuild.start(List.of(), make)) {
            String set = Files.readString(SHM.resolve("set")).strip();
            Process waiter = new ProcessBuilder("perl", "-e", "semop(" + set + ", pack('s3', 0, -1, 0))").start();
            try {
                String stack = "/proc/" + waiter.pid() + "/syscall";
                await().until(() -> Files.readString(Path.of(stack))
                                .startsWith(System.getProperty("os.arch").equals("amd64") ? "220 " : "19")
                        || Files.readString(Path.of(stack)).startsWith("65 "));
                List<String> said = build.tell("exclusive");
                assertThat(said)
                        .filteredOn(line -> line.startsWith("SYSV_") && line.endsWith("[removed]"))
                        .hasSize(2);
                assertThat(Files.readString(Path.of("/proc/sysvipc/sem"))).contains(" " + set + " ");
            } finally {
                waiter.destroyForcibly().waitFor();
                new ProcessBuilder("ipcrm", "-s", set).start().waitFor();
            }
        }
    }
}
