package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.maven.internal.Hermetic.ImpossibleException;
import io.github.shmkit.maven.internal.Hermetic.Mode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HermeticTests {
    private static final SessionId SESSION = SessionId.random();
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private final List<String> said = new ArrayList<>();
    private final Console console = new Console() {
        @Override
        public void info(String line) {
            said.add("INFO " + line);
        }

        @Override
        public void warn(String line) {
            said.add("WARN " + line);
        }

        @Override
        public void debug(String line) {
            said.add("DEBUG " + line);
        }
    };

    @Test
    void theModeIsReadInAnyCaseAndNothingElseIs() throws Exception {
        assertThat(Mode.parse(" Always ")).isEqualTo(Mode.ALWAYS);
        assertThat(Mode.parse("auto")).isEqualTo(Mode.AUTO);
        assertThatThrownBy(() -> Mode.parse("yes"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("shm.isolate: 'yes' is not known; give never, auto or always");
    }

    @Test
    void aProjectInSharedMemoryIsSweptAndSaidSoOnce() throws Exception {
        Path project = Files.createTempDirectory(Path.of("/dev/shm"), "project");
        try {
            Hermetic auto = new Hermetic(SESSION, Mode.AUTO, console);
            assertThat(auto.standIn(project.resolve("target/hermetic"), JAVA, List.of(project)))
                    .isEmpty();
            assertThat(auto.standIn(project.resolve("target/hermetic"), JAVA, List.of(project)))
                    .isEmpty();
            assertThat(said)
                    .containsExactly("WARN shmkit: not isolated: " + project
                            + " is in /dev/shm, which a namespace has a private one of; what is left behind is swept"
                            + " instead");

            Hermetic always = new Hermetic(SESSION, Mode.ALWAYS, console);
            assertThatThrownBy(() -> always.standIn(project.resolve("target/hermetic"), JAVA, List.of(project)))
                    .isInstanceOf(ImpossibleException.class)
                    .hasMessageContaining(project + " is in /dev/shm")
                    .hasMessageEndingWith("Set shm.isolate to auto or never to go on without");
        } finally {
            Files.delete(project);
        }
    }

    @Test
    void aJvmThatIsNotThereIsLeftToSurefireToComplainOf(@TempDir Path folder) {
        Hermetic auto = new Hermetic(SESSION, Mode.AUTO, console);
        assertThat(auto.standIn(folder, Path.of("/no/such/bin/java"), List.of()))
                .isEmpty();
        assertThat(said).singleElement().asString().contains("the stand-in for /no/such/bin/java cannot be made");
    }

    @Test
    void aReportBecomesFindingsOfTheTestJvm() throws Exception {
        String session = SESSION.text();
        byte[] report = record("H 1 " + session + " 4711 boot 1 2 3 4 4711 99 1000")
                .concat(record("O F POSIX_SHM " + base64("leaky") + " 1 2 3000000000 8192 4712 100 "
                        + base64("/usr/bin/perl -e secret")))
                .concat(record("O V SYSV_SEM 0 0000002a 1000 1795632817 2 0 0 -"))
                .getBytes(StandardCharsets.US_ASCII);

        List<Finding> findings = Hermetic.findings(report);

        assertThat(findings).hasSize(2).allSatisfy(finding -> {
            assertThat(finding.result().orElseThrow().outcome()).isEqualTo(Outcome.DELETED);
            assertThat(new Leaks(session, java.util.Optional.empty(), false, 0).isLeak(finding))
                    .isTrue();
        });
        assertThat(findings).extracting(f -> f.object().kind()).containsExactly(IpcKind.POSIX_SHM, IpcKind.SYSV_SEM);
        assertThat(Check.line(Item.of(findings.get(0), true, false, "surefire:test")))
                .isEqualTo(
                        "leaked POSIX_SHM /dev/shm/leaky (8.0 KiB), made by perl, process 4712, during surefire:test");
        assertThat(Check.line(Item.of(findings.get(1), true, false, "")))
                .isEqualTo("leaked SYSV_SEM id 0 key 0x0000002a (2 semaphores), made by test JVM 4711");
        assertThat(Item.of(findings.get(1), true, false, "").testJvm()).isEqualTo("4711");
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String record(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return text + " " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n";
    }
}
