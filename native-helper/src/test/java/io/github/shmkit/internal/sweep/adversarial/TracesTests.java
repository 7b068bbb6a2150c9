package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.os.Stranger;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.Traces;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PrivateShm.class)
class TracesTests {
    private static final Path SHM = Path.of("/dev/shm");

    @Test
    void whateverStandsInAPrivateDirectoryIsATrace() throws Exception {
        assertThat(Traces.exist()).isFalse();
        Files.createFile(SHM.resolve("shmkit.bystander"));
        Files.createFile(SHM.resolve(".shmkit-0.file"));
        Path dir = Files.createDirectory(SHM.resolve(".shmkit-0.other"));
        assertThat(Traces.exist()).isFalse();
        Files.createFile(dir.resolve("q.r.odd"));
        assertThat(Traces.exist()).isTrue();
    }

    @Test
    void aBuildsOwnLockAndLedgerAreNoTestJvms() throws Exception {
        SessionId id = SessionId.random();
        Path dir = Files.createDirectory(SHM.resolve(".shmkit-0"));
        Files.createFile(dir.resolve(id + ".lock"));
        Files.createFile(dir.resolve(id + ".jrnl"));
        Files.createFile(dir.resolve(SessionId.random() + ".1.lock"));
        assertThat(Traces.existOfTestJvms(id)).isFalse();
        Files.createFile(dir.resolve(id + ".2.lock"));
        assertThat(Traces.existOfTestJvms(id)).isTrue();
    }

    /** Of this user; the control is the same name as a directory of this user's. */
    @Test
    void whatStandsBehindALinkIsNotLookedAt(@TempDir Path elsewhere) throws Exception {
        Files.createFile(elsewhere.resolve("file"));
        Path link = Files.createSymbolicLink(SHM.resolve(".shmkit-0"), elsewhere);
        assertThat(Traces.exist()).isFalse();
        Files.delete(link);
        Files.createFile(Files.createDirectory(link).resolve("file"));
        assertThat(Traces.exist()).isTrue();
    }

    @Test
    void anotherUsersDirectoryIsNotLookedInto() throws Exception {
        Stranger.assumePossible();
        Stranger.run(
                "cd /dev/shm; for d in .shmkit-0 .shmkit-0.x .shmkit-65534 .shmkit-x; do mkdir $d; : > $d/f; done");
        try (Kernel.Opens first = new Kernel.Opens(SHM.resolve(".shmkit-0"));
                Kernel.Opens other = new Kernel.Opens(SHM.resolve(".shmkit-x"))) {
            assertThat(Traces.exist()).isFalse();
            assertThat(first.names()).isEmpty();
            assertThat(other.names()).isEmpty();
            assertThat(SHM.resolve(".shmkit-0").toFile().list()).isNotEmpty();
            assertThat(first.names()).as("the control: a look is seen").isNotEmpty();
        }
    }
}
