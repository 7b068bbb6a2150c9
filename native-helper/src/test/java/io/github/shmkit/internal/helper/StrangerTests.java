package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.os.Stranger;
import io.github.shmkit.internal.session.Session;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Nobody but this user gets a process from the supervisor. */
@Isolated("opens the private directory to everybody for a moment")
@Timeout(60)
class StrangerTests {
    private static final List<String> NOBODY = Stranger.command();

    private final Session session = Session.open();

    @AfterEach
    void end() {
        var reaped = session.end();
        assertThat(reaped.removed()).isZero();
    }

    private static String said(List<String> prefix, String... command) throws Exception {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }

    @Test
    void theDirectoryKeepsThemOutAndSoDoesTheSupervisor(@TempDir Path dir) throws Exception {
        Stranger.assumePossible();
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        String stranger = CProgram.compile(dir, "stranger.c", "cc").toString();
        Path socket = Path.of(session.supervisor().socketPath());
        Path own = socket.getParent();

        assertThat(said(List.of(), stranger, socket.toString()))
                .as("the control: this user")
                .isEqualTo("greeted");
        assertThat(said(NOBODY, stranger, socket.toString())).isEqualTo("Permission denied");

        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx--x--x"));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
        try {
            assertThat(said(NOBODY, stranger, socket.toString())).isEqualTo("closed");
        } finally {
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
