package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.OpenWatch;
import io.github.shmkit.internal.os.RawName;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is opened between the two looks. */
class OpeningsTests {
    private static final IpcObject FILE = new IpcObject(
            IpcKind.POSIX_SHM,
            RawName.of("shmkit-openings"),
            new Identity.OfFile(26, 5, 1_000),
            4096,
            0,
            0600,
            100,
            42,
            43,
            0,
            true);

    @Test
    void withoutWatchOfShmAnyFileMayHaveBeenOpened() {
        try (Openings unwatched = new Openings(Optional.empty(), Optional.empty())) {
            assertThat(unwatched.mayHave(FILE)).isTrue();
        }
        try (Openings watched = new Openings(OpenWatch.of("/dev/shm"), Optional.empty())) {
            watched.read();
            assertThat(watched.mayHave(FILE)).as("the control").isFalse();
        }
    }
}
