package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.IpcKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class KindsTests {
    @Test
    void noneMeansAll() throws Exception {
        assertThat(Kinds.parse(List.of())).containsExactly(IpcKind.values());
    }

    @Test
    void takesAnyCaseHyphensAndSpaces() throws Exception {
        assertThat(Kinds.parse(List.of("SYSV_SHM", " posix-mq", "Mmap_File")))
                .containsExactlyInAnyOrder(IpcKind.SYSV_SHM, IpcKind.POSIX_MQ, IpcKind.MMAP_FILE);
    }

    @Test
    void namesWhatIsWrongAndTheRemedyInOneLine() {
        assertThatThrownBy(() -> Kinds.parse(List.of("sysv_shm", "shared\nmemory")))
                .isInstanceOf(BadInputException.class)
                .hasMessage("shm.kinds: 'shared\\x0amemory' is not a kind of IPC object; give one or more of SYSV_SHM,"
                        + " SYSV_SEM, SYSV_MSG, POSIX_SHM, POSIX_SEM, POSIX_MQ, MMAP_FILE, MEMFD, DIRECTORY, separated by commas,"
                        + " or leave it away for all of them");
        assertThatThrownBy(() -> Kinds.parse(List.of(""))).hasMessageStartingWith("shm.kinds: '' is not a kind");
    }

    @Test
    void kindsHaveNamesForPeople() {
        assertThat(Kinds.names().stream().map(Kinds::describe))
                .containsExactly(
                        "System V shared memory",
                        "System V semaphore set",
                        "System V message queue",
                        "POSIX shared memory",
                        "POSIX named semaphore",
                        "POSIX message queue",
                        "mapped file",
                        "directory below /dev/shm");
        assertThat(Kinds.describe("BPF_MAP")).isEqualTo("BPF_MAP");
    }
}
