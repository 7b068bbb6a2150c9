package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.os.Compilers;
import io.github.shmkit.internal.os.ProcFs;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM with segments of every kind that ends without closing them; nothing but its supervisor is there to clean. */
class KilledJvmTests {
    /** From the death to the last object's end. */
    private static final Duration SOON = Duration.ofSeconds(1);

    @Test
    void killedJvmLeavesNothing() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            killAndExpectNothing(jvm);
        }
    }

    @Test
    void killedJvmWhoseLedgerHasHolesLeavesNothing() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start("churn")) {
            assertThat(KernelView.allocatedBytes(jvm.session() + ".1.jrnl")).isLessThan(1 << 20);
            killAndExpectNothing(jvm);
        }
    }

    /** ProcessBuilder's pipes are not close-on-exec, so such a program keeps the supervisor's standard input open. */
    @Test
    void programStartedByNativeCodeDoesNotDelayTheReaper() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start("exec-daemon")) {
            ProcessHandle daemon = await().until(() -> sleeper(jvm), Objects::nonNull);
            try {
                assertThat(openFiles(daemon.pid()))
                        .as("the control: it does hold the pipe")
                        .contains(openFile(jvm.supervisor(), 0));
                killAndExpectNothing(jvm);
                assertThat(daemon.isAlive()).isTrue();
            } finally {
                daemon.destroyForcibly();
            }
        }
    }

    /** A fork without exec inherits the session's lock too, but neither the segments nor what proves the JVM's life. */
    @Test
    void daemonForkedByNativeCodeDoesNotDelayTheReaper(@TempDir Path dir) throws Exception {
        Compilers.assumeInstalled("cc");
        Path library = dir.resolve("libforking.so");
        assertThat(new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), "src/test/c/forking.c")
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        try (HoldingJvm jvm = HoldingJvm.start("fork-daemon=" + library)) {
            ProcessHandle daemon = ProcessHandle.of(jvm.daemon()).orElseThrow();
            try {
                assertThat(openFiles(daemon.pid()))
                        .as("the control: it does hold the pipe, and the lock")
                        .contains(openFile(jvm.supervisor(), 0))
                        .anyMatch(file -> file.endsWith(jvm.session() + ".1.lock"));
                killAndExpectNothing(jvm);
                assertThat(daemon.isAlive()).isTrue();
            } finally {
                daemon.destroyForcibly();
            }
        }
    }

    @Test
    void aFileThatTookTheNameOfAClosedSegmentStays() throws Exception {
        killAndExpectOneFile("name-taken-later");
    }

    /** The ledger has to say that the segment was not made by that name: what it was about to make is known by its name alone. */
    @Test
    void aFileInTheWayOfASegmentStays() throws Exception {
        killAndExpectOneFile("name-taken-before");
    }

    private static void killAndExpectOneFile(String arg) throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start(arg)) {
            String prefix = "shmkit." + jvm.session();
            assertThat(KernelView.shmFiles(prefix))
                    .as("the other's, and the segment")
                    .hasSize(2);
            jvm.process().destroyForcibly().waitFor();
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(SOON)
                    .until(() -> ProcFs.startTime(jvm.supervisor()).isEmpty());
            assertThat(KernelView.sysvExists(jvm.shmid())).isFalse();
            assertThat(KernelView.shmFiles(prefix)).as("the other's").hasSize(1);
            jvm.removeFilesByHand();
        }
    }

    private static void killAndExpectNothing(HoldingJvm jvm) throws InterruptedException {
        assertThat(jvm.hasObjects()).isTrue();
        jvm.process().destroyForcibly().waitFor();
        await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> !jvm.hasObjects() && !jvm.hasFiles());
    }

    private static @Nullable ProcessHandle sleeper(HoldingJvm jvm) {
        String command = "sleep 60." + jvm.process().pid();
        return ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").endsWith(command))
                .filter(p -> openFiles(p.pid()).stream().anyMatch(file -> file.startsWith("pipe:")))
                .findFirst()
                .orElse(null);
    }

    private static String openFile(long pid, int fd) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/" + fd)).toString();
    }

    private static List<String> openFiles(long pid) {
        List<String> files = new ArrayList<>();
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : fds) {
                files.add(Files.readSymbolicLink(fd).toString());
            }
        } catch (IOException e) {
            return files; // it ended meanwhile
        }
        return files;
    }

    @Test
    void jvmThatCallsSystemExitLeavesNothing() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.process().getOutputStream().write('x');
            jvm.process().getOutputStream().flush();
            assertThat(jvm.process().waitFor()).isEqualTo(3);
            await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> !jvm.hasObjects() && !jvm.hasFiles());
        }
    }

    /** The control: without the supervisor the objects do stay, so that the tests above show its work. */
    @Test
    void withoutItsSupervisorAKilledJvmDoesLeaveItsObjects() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.killWithItsSupervisor();
            assertThat(jvm.hasObjects()).isTrue();
            jvm.cleanByHand();
        }
    }
}
