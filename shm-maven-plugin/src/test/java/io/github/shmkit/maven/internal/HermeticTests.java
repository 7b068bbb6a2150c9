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
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
                            + " is in /dev/shm, which a namespace has a private one of; falling back"
                            + " to sweeping");

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
                .concat(record("O F POSIX_SHM " + base64("leaky") + " 1 2 3000000000 1000 8192 4712 100 D "
                        + base64("/usr/bin/perl -e secret")))
                .concat(record("O V SYSV_SEM 0 0000002a 1000 1795632817 2 0 0 N -"))
                .getBytes(StandardCharsets.US_ASCII);

        List<Finding> findings = Hermetic.findings(report);

        assertThat(findings).hasSize(2).allSatisfy(finding -> {
            assertThat(finding.result().orElseThrow().outcome()).isEqualTo(Outcome.DELETED);
            assertThat(new LeakRule(session, java.util.Optional.empty(), false, 0).isLeak(finding))
                    .isTrue();
        });
        assertThat(findings).extracting(f -> f.object().kind()).containsExactly(IpcKind.POSIX_SHM, IpcKind.SYSV_SEM);
        assertThat(Check.line(Item.of(findings.get(0), true, false, "surefire:test")))
                .isEqualTo(
                        "leaked POSIX_SHM /dev/shm/leaky (8.0 KiB), made by perl, process 4712, during surefire:test as"
                                + " user 1000 at 1970-01-01T00:00:03Z; proof: the kernel names that process, which descends"
                                + " from the build");
        assertThat(Check.line(Item.of(findings.get(1), true, false, "")))
                .startsWith(
                        "leaked SYSV_SEM id 0 key 0x0000002a (2 semaphores), made by test JVM 4711 as user 1000 at ");
        assertThat(Item.of(findings.get(1), true, false, "").testJvm()).isEqualTo("4711");
    }

    @Test
    @Timeout(60)
    void unusableReportsDoNotHideTheOthers(@TempDir Path folder) throws Exception {
        Path reports = Files.createDirectories(folder.resolve("reports"));
        String good = "O F POSIX_SHM " + base64("leaky") + " 1 2 3000000000 1000 8192 4712 100 D -";
        report(reports.resolve("1-1.found"), SESSION.text(), BaselineFile.uid(), good);
        report(reports.resolve("2-2.found"), Findings.OTHER, BaselineFile.uid(), good);
        report(reports.resolve("3-3.found"), SESSION.text(), BaselineFile.uid() + 1, good);
        Files.writeString(reports.resolve("4-4.found"), "none");
        assertThat(new ProcessBuilder("mkfifo", reports.resolve("5-5.found").toString())
                        .start()
                        .waitFor())
                .isZero();
        Files.createDirectory(reports.resolve("6-6.found"));
        report(reports.resolve("9-9.found"), SESSION.text(), BaselineFile.uid(), good);

        Hermetic hermetic = new Hermetic(SESSION, Mode.AUTO, console);
        List<Finding> findings = hermetic.collect(folder);

        assertThat(findings).hasSize(2);
        assertThat(hermetic.reports()).hasSize(2);
        assertThat(said)
                .containsExactlyInAnyOrder(
                        "WARN shmkit: the leak report from process 2 cannot be used: 2-2.found is of another session or user",
                        "WARN shmkit: the leak report from process 3 cannot be used: 3-3.found is of another session or user",
                        "WARN shmkit: the leak report from process 4 cannot be used: it is empty",
                        "WARN shmkit: the leak report from process 5 cannot be used: " + reports
                                + "/5-5.found is not a regular file",
                        "WARN shmkit: the leak report from process 6 cannot be used: " + reports
                                + "/6-6.found is not a regular file");
    }

    /** Its monitor says why as the last thing that it does. */
    @Test
    @Timeout(5)
    void reportThatIsNotCompletedSaysWhyAtOnce(@TempDir Path folder) throws Exception {
        Path reports = Files.createDirectories(folder.resolve("reports"));
        Path report = reports.resolve("1-1.part");
        report(report, SESSION.text(), BaselineFile.uid());
        Files.writeString(
                report, "shm-helper: cannot list what is left: Too many open files\n", StandardOpenOption.APPEND);

        assertThat(new Hermetic(SESSION, Mode.AUTO, console).collect(folder)).isEmpty();

        assertThat(said)
                .containsExactly(
                        "WARN shmkit: no leak report from process 1 (shm-helper: cannot list what is left: Too many"
                                + " open files); its namespace has been discarded");
        assertThat(report).doesNotExist();
    }

    @Test
    void folderOfStrangerIsNotUsed(@TempDir Path folder) throws Exception {
        Stranger.assumePossible();
        Path strangers = Stranger.folder(folder, "hermetic");
        Path reports = Files.createDirectory(strangers.resolve("reports"));
        Files.setAttribute(reports, "unix:uid", Stranger.UID);
        Hermetic auto = new Hermetic(SESSION, Mode.AUTO, console);
        List<String> command = List.of("/bin/true");

        assertThat(auto.command(strangers, command, List.of())).isEqualTo(command);
        assertThat(auto.standIn(strangers, JAVA, List.of())).isEmpty();
        assertThat(auto.collect(strangers)).isEmpty();

        assertThat(said)
                .containsExactly(
                        "WARN shmkit: not isolated: the folder for reports cannot be made: the folder " + reports
                                + " belongs to user 65534, who can exchange files in it; falling back to sweeping",
                        "WARN shmkit: the leak reports from namespaces cannot be read: the folder " + reports
                                + " belongs to user 65534, who can exchange files in it");
        assertThat(strangers.toFile().list()).containsExactly("reports");
    }

    private static void report(Path file, String session, long euid, String... records) throws Exception {
        StringBuilder text = new StringBuilder(record("H 1 " + session + " 4711 boot 1 2 3 4 4711 99 " + euid));
        for (String one : records) {
            text.append(record(one));
        }
        Files.writeString(file, text);
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
