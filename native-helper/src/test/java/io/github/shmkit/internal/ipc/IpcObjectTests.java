package io.github.shmkit.internal.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.os.RawName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpcObjectTests {
    private static IpcObject object(IpcKind kind, String name, Identity identity, int mode) {
        return new IpcObject(kind, RawName.of(name), identity, 4096, 1000, mode, 0, 0, 0, 0, true);
    }

    @ParameterizedTest
    @CsvSource({
        "POSIX_SHM, psm_1, /dev/shm/psm_1",
        "POSIX_SEM, sem.a, /dev/shm/sem.a",
        "POSIX_MQ, jobs, /dev/mqueue/jobs",
        "MMAP_FILE, /tmp/a, /tmp/a",
    })
    void aNamedOneIsFoundByItsPath(IpcKind kind, String name, String address) {
        assertThat(object(kind, name, new Identity.OfFile(1, 2, 3), 0600).address())
                .isEqualTo(address);
    }

    @Test
    void aSystemVObjectIsFoundByIdAndKey() {
        assertThat(object(IpcKind.SYSV_SEM, "", new Identity.OfSysv(32768, -5, 1000, 0), 0600)
                        .address())
                .isEqualTo("id 32768 key 0xfffffffb");
    }

    @ParameterizedTest
    @CsvSource({
        "SYSV_SHM, 01600, true",
        "SYSV_SHM, 03600, true", // locked in memory too
        "SYSV_SHM, 02600, false",
        "SYSV_SHM, 0600, false",
        "POSIX_SHM, 01600, false", // the sticky bit
        "SYSV_SEM, 01600, false",
    })
    void onlyASegmentIsMarkedToGoWithItsLastDetach(IpcKind kind, String mode, boolean marked) {
        assertThat(object(kind, "a", new Identity.OfSysv(1, 2, 3, 4), Integer.parseInt(mode, 8))
                        .isMarkedForDestruction())
                .isEqualTo(marked);
    }

    @ParameterizedTest
    @CsvSource({
        "SYSV_SHM, true, false",
        "SYSV_SEM, true, true",
        "SYSV_MSG, true, true",
        "POSIX_SHM, false, false",
        "POSIX_SEM, false, false",
        "POSIX_MQ, false, false",
        "MMAP_FILE, false, false",
        "MEMFD, false, false",
    })
    void ofSetsAndQueuesTheKernelTellsNeitherMakerNorUser(IpcKind kind, boolean sysv, boolean unaccounted) {
        assertThat(kind.isSysv()).isEqualTo(sysv);
        assertThat(kind.isUnaccounted()).isEqualTo(unaccounted);
    }
}
