package io.github.shmkit.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.Stranger;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.LedgerContents.Observation;
import io.github.shmkit.internal.session.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real programs in real namespaces. */
class IsolationTests {
    private static final String SESSION = SessionId.random().text();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A shell: the programs that make objects are its children, as those of a test JVM are. */
    private static final String LEAK = "echo x > /dev/shm/short; ipcmk -M 4096 > /dev/null; ipcmk -S 2 > /dev/null;"
            + " ipcmk -Q > /dev/null; perl -e 'open(my $f, q(>), q(/dev/shm/long)) or die; select(undef, undef, undef, 0.5)'";

    @TempDir
    Path folder;

    private Path reports;

    @BeforeAll
    static void namespacesCanBeHad() {
        assumeTrue(Isolation.hindrance().isEmpty(), () -> Isolation.hindrance().orElse(""));
    }

    @BeforeEach
    void makeFolder() throws IOException {
        reports = Files.createDirectory(folder.resolve("reports"));
    }

    private List<String> isolated(String script) {
        return Isolation.command(SESSION, reports, true, "/bin/sh", List.of("sh", "-c", script));
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** What it printed, and its exit code in the last line. */
    private static List<String> run(List<String> command) throws Exception {
        Process process = start(command);
        List<String> lines = new ArrayList<>(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList());
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        lines.add(Integer.toString(process.exitValue()));
        return lines;
    }

    private LedgerContents report() throws Exception {
        await().atMost(PATIENCE).until(() -> files(Isolation.FOUND).size() == 1);
        return LedgerContents.parse(Files.readAllBytes(files(Isolation.FOUND).get(0)));
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(reports)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    @Test
    void allKindsThatAreLeftAreReportedAndNoneReachesTheMachine() throws Exception {
        String before = Files.readString(Path.of("/proc/sysvipc/shm"));

        assertThat(run(isolated(LEAK + "; exit 7"))).containsExactly("7");

        LedgerContents report = report();
        Map<String, Observation> found = report.observations().stream()
                .collect(Collectors.toMap(o -> o.kind() + " " + o.name().text(), Function.identity()));
        assertThat(found).containsOnlyKeys("POSIX_SHM short", "POSIX_SHM long", "SYSV_SHM ", "SYSV_SEM ", "SYSV_MSG ");
        // A creator that lived 200 ms is named; the kernel keeps that of a segment.
        assertThat(found.get("POSIX_SHM long").command()).startsWith("perl -e ");
        assertThat(found.get("SYSV_SHM ").pid()).isPositive();
        assertThat(found.get("SYSV_SHM ").size()).isEqualTo(4096);
        assertThat(report.header().session()).isEqualTo(SESSION);
        assertThat(Path.of("/dev/shm/short")).doesNotExist();
        assertThat(Path.of("/dev/shm/long")).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/sysvipc/shm"))).isEqualTo(before);
    }

    @Test
    void theControlLeavesItToTheMachine() throws Exception {
        Path left = Path.of("/dev/shm/control-" + SESSION);
        assertThat(run(List.of("/bin/sh", "-c", "echo x > " + left))).containsExactly("0");
        assertThat(Files.deleteIfExists(left)).isTrue();

        assertThat(run(isolated("echo x > " + left))).containsExactly("0");
        assertThat(report().observations()).hasSize(1);
        assertThat(left).doesNotExist();
    }

    @Test
    void whatIsThereOutsideIsNotSeenInside() throws Exception {
        Path outside = Files.writeString(Path.of("/dev/shm/outside-" + SESSION), "x");
        try {
            assertThat(run(isolated("ls -A /dev/shm; stat -c %a /dev/shm; id -u")))
                    .containsExactly("1777", Long.toString(uid()), "0");
        } finally {
            Files.delete(outside);
        }
        assertThat(report().observations()).isEmpty();
    }

    private static long uid() throws IOException {
        return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    }

    @Test
    void theProgramIsTheProcessThatWasStartedAndHasNoChildOfOurs() throws Exception {
        Process process =
                start(isolated("echo $$; read children < /proc/$$/task/$$/children; echo $children; read end; exit 3"));
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.readLine()).isEqualTo(Long.toString(process.pid()));
            assertThat(lines.readLine()).isEmpty();
            process.outputWriter(StandardCharsets.UTF_8).append("end\n").close();
            assertThat(process.waitFor()).isEqualTo(3);
        }
        report();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "KILL", "SEGV"})
    void aSignalEndsItAsItWouldWithoutUs(String signal) throws Exception {
        // As from a terminal: what a script starts in the background, this build for example, ignores SIGINT
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(isolated("echo x > /dev/shm/left; echo ready; exec sleep 60"));
        Process process = start(command);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");

        assertThat(run(List.of("sh", "-c", "kill -s " + signal + " " + process.pid())))
                .containsExactly("0");

        int number = switch (signal) {
            case "TERM" -> 15;
            case "INT" -> 2;
            case "KILL" -> 9;
            default -> 11;
        };
        assertThat(process.waitFor()).isEqualTo(128 + number);
        assertThat(report().observations()).extracting(o -> o.name().text()).containsExactly("left");
    }

    @Test
    void itStopsAndGoesOn() throws Exception {
        Process process = start(isolated("trap 'echo continued' CONT; echo ready; while :; do sleep 0.01; done"));
        var lines = process.inputReader();
        assertThat(lines.readLine()).isEqualTo("ready");
        run(List.of("sh", "-c", "kill -s STOP " + process.pid()));
        await().atMost(PATIENCE).until(() -> stateOf(process.pid()).equals("T"));
        run(List.of("sh", "-c", "kill -s CONT " + process.pid()));
        assertThat(lines.readLine()).isEqualTo("continued");
        process.destroyForcibly().waitFor();
        report();
    }

    private static String stateOf(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    }

    @Test
    void aKillOfTheWholeGroupDoesNotReachTheReport() throws Exception {
        Process process = start(
                Stream.concat(Stream.of("setsid"), isolated("echo x > /dev/shm/left; echo ready; sleep 60").stream())
                        .toList());
        assertThat(process.inputReader().readLine()).isEqualTo("ready");

        run(List.of("sh", "-c", "kill -s KILL -- -" + process.pid()));

        assertThat(process.waitFor()).isEqualTo(137);
        assertThat(report().observations()).extracting(o -> o.name().text()).containsExactly("left");
    }

    @Test
    void aProcessThatKeepsTheNamespaceIsNamed() throws Exception {
        List<String> said = run(isolated("setsid sleep 60 > /dev/null 2>&1 & echo $!"));
        long left = Long.parseLong(said.get(0));
        try {
            assertThat(report().processes())
                    .anySatisfy(process -> assertThat((long) process.pid()).isEqualTo(left));
        } finally {
            ProcessHandle.of(left).ifPresent(ProcessHandle::destroyForcibly);
        }
        await().atMost(PATIENCE).until(() -> ProcFs.startTime(left).isEmpty());
    }

    @Test
    void aStandInPassesForTheJvmThatItStandsFor() throws Exception {
        Path real = Path.of(System.getProperty("java.home"), "bin", "java");
        Path java = Isolation.standIn(folder.resolve("home"), SESSION, reports, true, real);

        Path home = real.toRealPath().resolve("../..").normalize();
        assertThat(java).hasFileName("java");
        assertThat(folder.resolve("home/release")).exists();
        assertThat(folder.resolve("home/lib")).isDirectory();
        List<String> said = run(List.of(java.toString(), "-XshowSettings:properties", "-version"));
        assertThat(said.get(said.size() - 1)).isEqualTo("0");
        assertThat(said)
                .anyMatch(line -> line.trim().equals("java.home = " + home))
                .anyMatch(line -> line.contains("Runtime Environment"));
        report();

        // The next build's takes its place, even while the first one may still be executed.
        assertThat(Isolation.standIn(folder.resolve("home"), SESSION, reports, true, real))
                .isEqualTo(java);
        assertThat(run(List.of(java.toString(), "-version"))).last().isEqualTo("0");
    }

    @Test
    void aProgramThatIsNotThereFailsAsInAShell() throws Exception {
        List<String> said = run(Isolation.command(SESSION, reports, true, "/no/such/program", List.of("x")));
        assertThat(said).containsExactly("shm-helper: cannot run /no/such/program: No such file or directory", "127");
        report();
    }

    @Test
    void anUnprivilegedUserNeedsOnlyAUserNamespace() throws Exception {
        assumeTrue(uid() == 0, "only root can become somebody else");
        Path program = Path.of("/tmp/shm-helper-" + SESSION);
        Files.write(program, HelperProgram.bytes());
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            Path open = Files.createTempDirectory(Path.of("/tmp"), "reports");
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
            reports = open;
            List<String> nobody = Stranger.command();

            assertThat(run(join(
                            nobody,
                            List.of(
                                    program.toString(),
                                    "shm-helper",
                                    "isolate",
                                    SESSION,
                                    open.toString(),
                                    "always",
                                    "/bin/sh",
                                    "sh",
                                    "-c",
                                    "id -u; ls -A /dev/shm; " + LEAK))))
                    .containsExactly("65534", "0");
            assertThat(report().observations())
                    .extracting(Observation::kind)
                    .contains(IpcKind.POSIX_SHM, IpcKind.SYSV_SHM, IpcKind.SYSV_SEM, IpcKind.SYSV_MSG);
            Files.delete(files(Isolation.FOUND).get(0));

            // Where that is forbidden: the reason, and what to do.
            String refused = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all"
                    + " --inh-caps=-all " + program + " shm-helper ";
            List<String> probe =
                    run(join(nobody, List.of("unshare", "--user", "--map-root-user", "sh", "-c", refused + "probe -")));
            assertThat(probe).hasSize(2).last().isEqualTo("71");
            assertThat(probe.get(0))
                    .contains("a user namespace is not allowed here")
                    .contains("sysctl user.max_user_namespaces");
            String isolate = "isolate " + SESSION + " " + open + " %s /bin/echo echo hello";
            assertThat(run(join(
                            nobody,
                            List.of(
                                    "unshare",
                                    "--user",
                                    "--map-root-user",
                                    "sh",
                                    "-c",
                                    refused + isolate.formatted("always")))))
                    .hasSize(2)
                    .last()
                    .isEqualTo("71");
            assertThat(run(join(
                            nobody,
                            List.of(
                                    "unshare",
                                    "--user",
                                    "--map-root-user",
                                    "sh",
                                    "-c",
                                    refused + isolate.formatted("auto")))))
                    .contains("hello")
                    .anyMatch(line -> line.startsWith("shm-helper: /bin/echo is not isolated: "))
                    .last()
                    .isEqualTo("0");
            Files.delete(open);
        } finally {
            Files.delete(program);
        }
    }

    private static List<String> join(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
