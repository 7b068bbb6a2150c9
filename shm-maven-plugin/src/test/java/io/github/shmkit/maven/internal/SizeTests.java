package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeTests {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1, 1 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "1048524, 1023.9 KiB",
        "1048525, 1.0 MiB", // not 1024.0 KiB
        "1048575, 1.0 MiB",
        "1048576, 1.0 MiB",
        "5368709120, 5.0 GiB",
        "1099511627776, 1.0 TiB",
        "1125899906842624, 1.0 PiB",
        "9223372036854775807, 8.0 EiB",
    })
    void bytesAreForPeople(long bytes, String text) {
        assertThat(Size.bytes(bytes)).isEqualTo(text);
    }

    @Test
    void aSetOfSemaphoresHasSemaphores() {
        assertThat(Size.of(sysv(IpcKind.SYSV_SEM, 1, 2, 1))).isEqualTo("1 semaphore");
        assertThat(Size.of(sysv(IpcKind.SYSV_SEM, 1, 2, 2000))).isEqualTo("2000 semaphores");
        assertThat(Size.of(sysv(IpcKind.SYSV_SHM, 1, 2, 1))).isEqualTo("1 B");
    }

    @Test
    void onlyWhatHasBytesIsSummedUp() {
        assertThat(Size.sum(List.of(posix("a", 1000), sysv(IpcKind.SYSV_SEM, 1, 2, 500), posix("b", 24))))
                .isEqualTo("1.0 KiB");
        assertThat(Size.sum(List.of())).isEqualTo("0 B");
    }

    @Test
    void sumsSaturate() {
        assertThat(Size.sum(List.of(posix("a", 7L << 60), posix("b", 7L << 60), posix("c", 7L << 60))))
                .isEqualTo("8.0 EiB");
    }

    @Test
    void fileWithHolesIsAsBigAsItsMemory(@TempDir Path folder) throws Exception {
        Path sparse = folder.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(1L << 40);
            file.write(new byte[8192]);
        }
        Path full = Files.write(folder.resolve("full"), new byte[100]);

        IpcObject object = Inventory.mappedFile(RawName.of(sparse.toString())).orElseThrow();
        IpcObject control = Inventory.mappedFile(RawName.of(full.toString())).orElseThrow();

        assertThat(Size.of(object)).isEqualTo("8.0 KiB of 1.0 TiB");
        assertThat(Size.of(control)).isEqualTo("100 B");
        assertThat(Size.sum(List.of(object, control))).isEqualTo("8.1 KiB");
    }
}
