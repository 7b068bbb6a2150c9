package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Builds whose test JVMs have IPC objects of their own. */
class HermeticIT {
    private static final String ALWAYS = "-Dshm.isolate=always";
    private static final Path BYSTANDER = Path.of(System.getProperty("shmkit.it.bystander"));
    private static final Pattern PORT = Pattern.compile("Listening for transport dt_socket at address: (\\d+)");

    /** Root without any privilege: such a one needs a user namespace, as everybody else does. */
    private static final List<String> UNPRIVILEGED = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");

    /** The same, where there can be none. */
    private static final List<String> FORBIDDEN = List.of(
            "unshare",
            "--user",
            "--map-root-user",
            "sh",
            "-c",
            "echo 0 > /proc/sys/user/max_user_namespaces && exec " + String.join(" ", UNPRIVILEGED) + " \"$@\"",
            "sh");

    @BeforeAll
    static void namespacesCanBeHad() throws Exception {
        Process unshare = new ProcessBuilder("unshare", "--user", "--map-root-user", "--ipc", "--mount", "true")
                .redirectErrorStream(true)
                .start();
        String said = new String(unshare.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(unshare.waitFor() == 0, said);
    }

    static Stream<List<String>> users() {
        return Stream.of(List.of(), UNPRIVILEGED);
    }

    @ParameterizedTest
    @MethodSource("users")
    void whatWouldHaveLeakedIsReportedAndNeverWasOnTheMachine(List<String> user, @TempDir Path folder)
            throws Exception {
        try (Bystander bystander = Bystander.start(BYSTANDER, folder)) {
            Path project = Mvn.project("leaky");
            Mvn mvn = Mvn.run(project, "surefire:test", Mvn.GOAL + "check", ALWAYS, "-Dshm.format=json,html,junit");
            Properties evidence = mvn.evidence();
            String pid = evidence.getProperty("pid");

            assertThat(mvn.exitCode()).isEqualTo(1);
            assertThat(mvn.log())
                    .containsPattern("leaked POSIX_SHM /dev/shm/leaky\\." + pid
                            + " \\(8\\.0 KiB\\), made by perl, process " + pid
                            + ", during surefire:test \\(default-cli\\) of leaky")
                    .containsPattern("leaked SYSV_SHM id " + evidence.getProperty("shmid")
                            + " key 0x00000000 \\(4\\.0 KiB\\), made by perl, process " + pid)
                    .containsPattern("shmkit: removed 2 objects \\(.*\\) that test JVM \\d+ of this build left")
                    .contains(
                            "This build left IPC objects behind: 2 objects, 12.0 KiB, which went with the namespaces");
            assertThat(Path.of("/dev/shm/leaky." + pid)).doesNotExist();
            for (String report : List.of("leaks.json", "leaks.html", "TEST-shmkit.xml")) {
                assertThat(project.resolve("target/shmkit").resolve(report))
                        .content()
                        .contains("/dev/shm/leaky." + pid);
            }
            assertThat(bystander.look()).isEqualTo("UNTOUCHED " + bystander.objects());
        }
    }

    @Test
    void theEndOfTheBuildReportsWithoutACheckToo() throws Exception {
        Path project = Mvn.project("leaky");
        Files.deleteIfExists(project.resolve("target/shmkit/leaks.json"));
        Mvn mvn = Mvn.run(project, "surefire:test", ALWAYS, "-Dshm.failOnLeak");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("leaked POSIX_SHM /dev/shm/leaky.")
                .contains("This build left IPC objects behind: 2 objects")
                .contains("BUILD FAILURE");
        assertThat(project.resolve("target/shmkit/leaks.json")).exists();
    }

    @Test
    void integrationTestsHaveTheirOwnToo() throws Exception {
        Path project = Mvn.project("leaky");
        Mvn mvn = Mvn.run(project, "failsafe:integration-test", "failsafe:verify", Mvn.GOAL + "check", ALWAYS);

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("Running scenario.LeakyTest")
                .containsPattern("leaked POSIX_SHM /dev/shm/leaky\\."
                        + mvn.evidence().getProperty("pid")
                        + " .*, during failsafe:integration-test \\(default-cli\\) of leaky")
                .contains("This build left IPC objects behind: 2 objects, 12.0 KiB, which went with the namespaces");
    }

    @Test
    void modulesSideBySideHaveEachTheirOwn() throws Exception {
        Path project = Mvn.project("modules");
        Mvn mvn = Mvn.run(project, "-T2", "surefire:test", ALWAYS, "-Dshm.failOnLeak");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("This build left IPC objects behind: 4 objects")
                .contains("BUILD FAILURE");
        for (String module : List.of("a", "b")) {
            String pid = Mvn.evidence(project.resolve(module)).getProperty("pid");
            assertThat(mvn.log()).contains("leaked POSIX_SHM /dev/shm/leaky." + pid);
            assertThat(Path.of("/dev/shm/leaky." + pid)).doesNotExist();
        }
    }

    @Test
    void ourOwnSessionWorksInsideAndItsReaperNeedNotLive() throws Exception {
        for (String scenario : List.of("reaper-killed", "jvm-killed")) {
            Mvn mvn = Mvn.run(Mvn.project(scenario), "surefire:test", ALWAYS);
            Properties evidence = mvn.evidence();

            assertThat(evidence.getProperty("seen")).as(scenario).isEqualTo("4");
            assertThat(mvn.exitCode()).as(scenario).isEqualTo(1);
            // Mapped files lie outside of the namespace: they too are gone.
            assertThat(left(evidence)).as(scenario).isEmpty();
        }
    }

    @Test
    void aCoverageAgentWritesItsFile() throws Exception {
        Path project = Mvn.project("green");
        Path executed = project.resolve("target/jacoco.exec");
        Files.deleteIfExists(executed);

        Mvn mvn = Mvn.run(
                project,
                "surefire:test",
                ALWAYS,
                "-DargLine=-javaagent:" + Mvn.coverageAgent() + "=destfile=" + executed);

        assertThat(mvn.exitCode()).isZero();
        assertThat(Files.readString(executed, StandardCharsets.ISO_8859_1)).contains("scenario/GreenTest");
    }

    @Test
    void aDebuggerAttaches() throws Exception {
        try (Mvn mvn = Mvn.start(
                Mvn.project("green"),
                "surefire:test",
                ALWAYS,
                "-Dmaven.surefire.debug=-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0")) {
            VirtualMachine machine = attach(port(mvn));
            assertThat(machine.allThreads()).extracting(thread -> thread.name()).contains("main");
            machine.resume();
            machine.dispose();

            assertThat(mvn.exitCode()).isZero();
            assertThat(mvn.log()).contains("Tests run: 1, Failures: 0");
        }
    }

    private static String port(Mvn mvn) throws Exception {
        for (int i = 0; i < 3000; i++) {
            Matcher matcher = PORT.matcher(mvn.log());
            if (matcher.find()) {
                return matcher.group(1);
            }
            Thread.sleep(20);
        }
        throw new IOException("no JVM waits for a debugger:\n" + mvn.log());
    }

    private static VirtualMachine attach(String port) throws Exception {
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(candidate -> candidate.name().equals("com.sun.jdi.SocketAttach"))
                .findAny()
                .orElseThrow();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        arguments.get("hostname").setValue("127.0.0.1");
        arguments.get("port").setValue(port);
        return connector.attach(arguments);
    }

    @Test
    void theUsersJvmIsTheOneThatRuns(@TempDir Path folder) throws Exception {
        Path home = Path.of(System.getProperty("java.home")).toRealPath();
        Path own = Files.createDirectories(folder.resolve("own/bin")).resolve("java");
        Path mark = folder.resolve("mark");
        Files.writeString(own, "#!/bin/sh\necho \"$@\" >> " + mark + "\nexec " + home + "/bin/java \"$@\"\n");
        assertThat(own.toFile().setExecutable(true)).isTrue();
        for (String beside : List.of("release", "lib")) {
            Files.createSymbolicLink(folder.resolve("own").resolve(beside), home.resolve(beside));
        }

        Mvn mvn = Mvn.run(
                Mvn.project("green"),
                "surefire:test",
                ALWAYS,
                "-Djvm=" + own,
                "-DforkCount=2",
                "-DreuseForks=false",
                "-DargLine=-Dour.own=42");

        assertThat(mvn.exitCode()).isZero();
        assertThat(mark).content().contains("-Dour.own=42").contains("surefire");
    }

    @Test
    void whereItIsForbiddenAlwaysFailsAndAutoGoesOn() throws Exception {
        Path project = Mvn.project("leaky");
        Mvn always = Mvn.runBy(FORBIDDEN, project, "surefire:test", ALWAYS);
        assertThat(always.exitCode()).isEqualTo(1);
        assertThat(always.log())
                .contains(
                        "shm.isolate is 'always', and not isolated: a user namespace is not allowed here; the machine's"
                                + " administrator can allow it: sysctl user.max_user_namespaces=")
                .doesNotContain("Running scenario.LeakyTest")
                .contains("BUILD FAILURE");

        Mvn auto = Mvn.runBy(FORBIDDEN, project, "surefire:test", "-Dshm.isolate=auto");
        assertThat(auto.exitCode()).isZero();
        assertThat(auto.log())
                .contains("shmkit: not isolated: a user namespace is not allowed here")
                .contains("Running scenario.LeakyTest")
                .contains("leaked POSIX_SHM /dev/shm/leaky.");
        // Somebody in such a namespace cannot see that nobody uses them, so that they stay.
        Properties left = auto.evidence();
        Files.deleteIfExists(Path.of("/dev/shm/leaky." + left.getProperty("pid")));
        new ProcessBuilder("ipcrm", "-m", left.getProperty("shmid")).start().waitFor();
    }

    @Test
    void testsInMavensOwnJvmCannotBeIsolated() throws Exception {
        Mvn mvn = Mvn.run(Mvn.project("leaky"), "surefire:test", ALWAYS, "-DforkCount=0");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("shm.isolate is 'always', and not isolated: forkCount is 0, so that the tests run in Maven's")
                .doesNotContain("Running scenario.LeakyTest");
    }

    @Test
    void aCommandIsIsolatedToo(@TempDir Path nowhere) throws Exception {
        Mvn mvn = Mvn.run(
                nowhere, Mvn.GOAL + "exec", ALWAYS, "-Dshm.command=echo x > /dev/shm/leaky.hermetic; ipcmk -S 1");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("leaked POSIX_SHM /dev/shm/leaky.hermetic (2 B)")
                .contains("leaked SYSV_SEM id 0 ");
        assertThat(Machine.filesWith("leaky.hermetic")).isEmpty();

        Mvn daemon = Mvn.run(
                nowhere,
                Mvn.GOAL + "exec",
                ALWAYS,
                "-Dshm.command=perl -e 'print qq(PID $$\\n); close(STDOUT); close(STDERR); sleep 600' & sleep 1");
        Matcher pid = Pattern.compile("(?m)^PID (\\d+)$").matcher(daemon.log());
        assertThat(pid.find()).as(daemon.log()).isTrue();
        ProcessHandle.of(Long.parseLong(pid.group(1))).ifPresent(ProcessHandle::destroyForcibly);
        assertThat(daemon.log())
                .contains("shmkit: perl (" + pid.group(1) + "), started by ")
                .contains("still runs, and its namespace with it; end perl (" + pid.group(1) + ")");

        Mvn wrong = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.isolate=perhaps", "-Dshm.command=true");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.log()).contains("shm.isolate: 'perhaps' is not known; give never, auto or always");
    }

    private static Set<String> left(Properties evidence) throws InterruptedException {
        String session = evidence.getProperty("session");
        Set<String> left = new TreeSet<>(Machine.filesWith(session));
        for (int i = 0; i < 200 && !left.isEmpty(); i++) {
            Thread.sleep(10);
            left = new TreeSet<>(Machine.filesWith(session));
        }
        return left;
    }
}
