package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.sweep.SweepProgress;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ProgressTests {
    private static final String PROGRAM = "shmkit.helper.path";

    @Test
    void shortWorkIsSilent() {
        Log log = new Log();

        int result = Progress.of(log, progress -> 42);

        assertThat(result).isEqualTo(42);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void longWorkIsNot() {
        Log log = new Log();
        Progress.of(log, progress -> await(log, 2), Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(log.lines())
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(line -> line.matches(
                        "INFO still at work, for \\d+ s: looked at 0 objects \\(the kernel lists \\d+\\)"));
    }

    /** Its helper program waits until we let it go on, which we do once we were told how far the sweep is. */
    @Test
    void aSweepWhoseActuatorIsSlowTellsHowFarItIs(@TempDir Path folder) throws Exception {
        Path real = folder.resolve("shm-helper");
        String resource =
                "/META-INF/native/linux-" + System.getProperty("os.arch").replace("amd64", "x86_64");
        try (InputStream program = ProgressTests.class.getResourceAsStream(resource + "/shm-helper")) {
            Files.copy(program, real, StandardCopyOption.REPLACE_EXISTING);
        }
        Path gate = folder.resolve("gate");
        assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor())
                .isZero();
        Path slow = Files.writeString(
                folder.resolve("slow"), "#!/bin/sh\nread go < '" + gate + "'\nexec '" + real + "' \"$@\"\n");
        for (Path program : List.of(real, slow)) {
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        }
        String name = "shmkit-progress-" + ProcessHandle.current().pid();
        Path object = Files.writeString(Path.of("/dev/shm", name), "x");
        Selection selection = Selection.parse(List.of(), List.of(name), List.of(), List.of(name), false, "0s");
        Log log = new Log();
        String before = System.setProperty(PROGRAM, slow.toString());
        try {
            CompletableFuture<List<String>> clean = CompletableFuture.supplyAsync(() -> clean(selection, log));
            log.await(2); // the first line comes while the claim waits for its second look
            Files.writeString(gate, "go\n");
            assertThat(clean.get(20, TimeUnit.SECONDS)).isEmpty();
        } finally {
            if (before == null) {
                System.clearProperty(PROGRAM);
            } else {
                System.setProperty(PROGRAM, before);
            }
            Files.deleteIfExists(object);
        }
        assertThat(log.lines().get(1))
                .matches("INFO still at work, for \\d+ s: looked at \\d+ objects \\(the kernel lists \\d+\\),"
                        + " removed 0 of 1");
        assertThat(log.lines()).contains("INFO 1 object removed");
    }

    @Test
    void aTerminalHasOneLineThatIsTakenAwayAtTheEnd() {
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void flush() {
                notifyAll();
            }
        };
        Log log = new Log(Optional.of(new Terminal(out, false)));

        Progress.of(log, progress -> awaitLines(out), Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(log.lines()).isEmpty();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("\r\033[Kstill at work, for 0 s")
                .endsWith(")\r\033[K")
                .doesNotContain("\n");
    }

    @Test
    void saysWhatIsKnown() {
        assertThat(Progress.line(new SweepProgress(), 7, 3))
                .isEqualTo("still at work, for 3 s: looked at 0 objects (the kernel lists 7)");
    }

    private static List<String> clean(Selection selection, Console console) {
        try {
            return Clean.run(selection, Optional.empty(), false, 0, console);
        } catch (BadInputException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean await(Log log, int lines) {
        try {
            log.await(lines);
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean awaitLines(ByteArrayOutputStream out) {
        synchronized (out) {
            try {
                while (out.size() == 0) {
                    out.wait();
                }
                return true;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
