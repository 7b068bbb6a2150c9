package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.Traces;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PrivateShm.class)
class TracesTests {
    private static final Path SHM = Path.of("/dev/shm");

    @Test
    void whateverStandsInAPrivateDirectoryIsATrace() throws Exception {
        assertThat(Traces.exist()).isFalse();
        Files.createFile(SHM.resolve("shmkit.bystander"));
        Files.createFile(SHM.resolve(".shmkit-squatted"));
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
}
