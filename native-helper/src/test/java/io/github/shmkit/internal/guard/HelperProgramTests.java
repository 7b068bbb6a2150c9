package io.github.shmkit.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.ShmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("changes a system property")
class HelperProgramTests {
    private static final int E_MACHINE = 18;
    private static final byte EM_AARCH64 = (byte) 183;

    @AfterEach
    void packedProgramAgain() {
        System.clearProperty(HelperProgram.PATH_PROPERTY);
    }

    @Test
    void thePackedProgramIsStartedFromAMemfd() {
        assertThat(HelperProgram.path()).matches("/proc/\\d+/fd/\\d+");
    }

    @Test
    void aMissingProgramIsNamedWithThePropertyAndTheRemedy(@TempDir Path dir) {
        Path missing = dir.resolve("shm-helper");
        System.setProperty(HelperProgram.PATH_PROPERTY, missing.toString());
        assertThatThrownBy(HelperProgram::path)
                .isInstanceOf(ShmException.class)
                .hasMessage("there is no native helper at " + missing + ", where the system property "
                        + "shmkit.helper.path says it is; correct the path, or leave the property away to use the "
                        + "packed one");
    }

    @Test
    void aProgramThatIsNotExecutableIsNamedWithTheRemedy(@TempDir Path dir) throws Exception {
        Path program = Files.createFile(dir.resolve("shm-helper"));
        System.setProperty(HelperProgram.PATH_PROPERTY, program.toString());
        assertThatThrownBy(HelperProgram::path)
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("is not executable: chmod +x it");
    }

    @Test
    void anActuatorThatIsKilledInTheMidstOfALineIsReportedWithWhatItHadDone(@TempDir Path dir) throws Exception {
        Path program =
                Files.writeString(dir.resolve("shm-helper"), "#!/bin/sh\nprintf '0 DELETED 0\\n1 DEL'; kill -9 $$\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        System.setProperty(HelperProgram.PATH_PROPERTY, program.toString());
        List<Actuator.Outcome> outcomes = new ArrayList<>();
        assertThatThrownBy(() -> Actuator.run(
                        dir.toString(),
                        List.of("P 0 1 1", "P 1 1 1"),
                        (index, result) -> outcomes.add(result.outcome())))
                .isInstanceOf(ShmException.class)
                .hasMessage("the native actuator was killed by SIGKILL after 1 of 2 steps; "
                        + "what it had not reached is untouched");
        assertThat(outcomes).containsExactly(Actuator.Outcome.DELETED);
    }

    @Test
    void aJarWithoutTheProgramOfAPlatformSaysSoInOneLine() {
        assertThat(HelperProgram.packed(HelperProgram.Platform.current())).startsWith(0x7f, 'E', 'L', 'F');
        assertThatThrownBy(() -> HelperProgram.packed("linux-none"))
                .isInstanceOf(ShmException.class)
                .hasMessage("this build of shmkit has no native helper for linux-none; build native-helper on such a "
                        + "machine, or set -Dshmkit.helper.path");
    }

    @Test
    void theProgramForAarch64IsPackedWhereItsCompilerIsInstalled() throws Exception {
        String installed = "test -e \"$(aarch64-linux-gnu-gcc -print-file-name=libc.a)\"";
        assumeTrue(
                new ProcessBuilder("sh", "-c", installed).start().waitFor() == 0,
                "needs a compiler for aarch64 (apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross)");
        byte[] program = HelperProgram.packed("linux-aarch64");
        assertThat(program).startsWith(0x7f, 'E', 'L', 'F');
        assertThat(program[E_MACHINE]).isEqualTo(EM_AARCH64);
    }

    @Test
    void aPlatformWithoutSupportIsNamedWithThoseThatHaveIt() {
        assertThat(HelperProgram.Platform.of("Linux", "amd64")).isEqualTo("linux-x86_64");
        assertThat(HelperProgram.Platform.of("Linux", "aarch64")).isEqualTo("linux-aarch64");
        assertThatThrownBy(() -> HelperProgram.Platform.of("Mac OS X", "aarch64"))
                .isInstanceOf(ShmException.class)
                .hasMessageStartingWith("shmkit supports Linux on x86-64 and aarch64; this is Mac OS X on aarch64");
        assertThatThrownBy(() -> HelperProgram.Platform.of("Linux", "riscv64")).isInstanceOf(ShmException.class);
    }
}
