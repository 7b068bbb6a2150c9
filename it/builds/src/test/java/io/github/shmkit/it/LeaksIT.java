package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Builds whose tests leak through a program that knows nothing of us, beside somebody who must not notice. */
class LeaksIT {
    private static final Path BYSTANDER = Path.of(System.getProperty("shmkit.it.bystander"));

    @Test
    void checkNamesObjectAndCreatorAndTheEndRemovesThem(@TempDir Path folder) throws Exception {
        try (Bystander bystander = Bystander.start(BYSTANDER, folder)) {
            Path project = Mvn.project("leaky");
            Mvn mvn = Mvn.run(project, "surefire:test", Mvn.GOAL + "check", "-Dshm.format=json,html,junit");
            Properties evidence = mvn.evidence();
            String pid = evidence.getProperty("pid");

            assertThat(mvn.exitCode()).isEqualTo(1);
            assertThat(mvn.log())
                    .containsPattern(
                            "leaked POSIX_SHM /dev/shm/leaky\\." + pid + " \\(8\\.0 KiB\\), made by perl, process "
                                    + pid + ", during surefire:test \\(default-cli\\) of leaky")
                    .containsPattern("leaked SYSV_SHM id " + evidence.getProperty("shmid")
                            + " key 0x00000000 \\(4\\.0 KiB\\), made by perl, process " + pid)
                    .contains("This build left IPC objects behind: 2 objects, 12.0 KiB. Run 'mvn shm:clean'")
                    .contains("BUILD FAILURE")
                    .containsPattern("shmkit: removed 2 objects \\(.*\\) that a program of this build left");
            assertThat(left(evidence)).isEmpty();
            for (String report : List.of("leaks.json", "leaks.html", "TEST-shmkit.xml")) {
                assertThat(project.resolve("target/shmkit").resolve(report))
                        .content()
                        .contains("/dev/shm/leaky." + pid);
            }
            assertThat(bystander.look()).isEqualTo("UNTOUCHED " + bystander.objects());
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void whateverTheProgramIsWrittenIn(String program, String creator) throws Exception {
        assumeTrue(!program.startsWith("python3") || isInstalled("python3"), "python3 is not installed");
        Mvn mvn = Mvn.run(Mvn.project("leaky"), "surefire:test", Mvn.GOAL + "check", "-Dleaky.program=" + program);
        Properties evidence = mvn.evidence();
        String pid = evidence.getProperty("pid");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                // Two of them only give it a size.
                .containsPattern("leaked POSIX_SHM /dev/shm/leaky\\." + pid
                        + " \\(([0-9.]+ K?i?B of )?8\\.0 KiB\\), made by " + creator
                        + ", process " + pid + ", during surefire:test \\(default-cli\\) of leaky")
                .contains("This build left IPC objects behind: " + evidence.getProperty("made") + " object");
        assertThat(left(evidence)).isEmpty();
    }

    private static boolean isInstalled(String program) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "command -v " + program).start().waitFor() == 0;
    }

    static Stream<Arguments> programs() {
        return Stream.of(
                Arguments.of(System.getProperty("shmkit.it.target") + "/leaker", "leaker"),
                Arguments.of("python3 " + Path.of("src/test/python/leaker.py").toAbsolutePath(), "python3\\S*"),
                Arguments.of("java", "java"));
    }

    @Test
    void aLeakFailsTheBuildAtItsEndIfTheUserWantsThat() throws Exception {
        Mvn mvn = Mvn.run(Mvn.project("leaky"), "surefire:test", "-Dshm.failOnLeak");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("BUILD FAILURE")
                .doesNotContain("BUILD SUCCESS")
                .contains("This build left IPC objects behind: 2 objects, 12.0 KiB, which were removed at its end");
        assertThat(left(mvn.evidence())).isEmpty();
    }

    @Test
    void aGoalAloneGuardsTheBuildToo() throws Exception {
        Path project = Mvn.project("unextended");
        Mvn control = Mvn.run(project, "surefire:test");
        Properties leaked = control.evidence();
        assertThat(control.exitCode()).isZero();
        assertThat(left(leaked)).hasSize(2); // without the goal, nobody is there
        assertThat(new ProcessBuilder("ipcrm", "-m", leaked.getProperty("shmid"))
                        .start()
                        .waitFor())
                .isZero();
        Files.delete(Path.of("/dev/shm/leaky." + leaked.getProperty("pid")));

        Mvn mvn = Mvn.run(project, Mvn.GOAL + "snapshot", "surefire:test");

        assertThat(mvn.exitCode()).isZero();
        assertThat(mvn.log()).containsPattern("shmkit: removed 2 objects \\(.*\\) that a program of this build left");
        assertThat(left(mvn.evidence())).isEmpty();
    }

    @Test
    void modulesSideBySideAreJudgedAtTheEnd() throws Exception {
        Path project = Mvn.project("modules");
        Mvn mvn = Mvn.run(project, "-T2", "surefire:test", Mvn.GOAL + "check");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("modules are built side by side")
                .contains("This build left IPC objects behind: 4 objects, 24.0 KiB, which were removed at its end")
                .contains("BUILD FAILURE");
        Set<String> sessions = new TreeSet<>();
        for (String module : List.of("a", "b")) {
            Properties evidence = Mvn.evidence(project.resolve(module));
            assertThat(left(evidence)).isEmpty();
            sessions.add(evidence.getProperty("session"));
        }
        assertThat(sessions).hasSize(1);
    }

    @Test
    void twoBuildsAtOnceKeepToThemselves() throws Exception {
        try (Mvn one = Mvn.start(Mvn.project("leaky"), "surefire:test", Mvn.GOAL + "check");
                Mvn other = Mvn.start(
                        Mvn.project("unextended"), Mvn.GOAL + "snapshot", "surefire:test", Mvn.GOAL + "check")) {
            assertThat(one.exitCode()).isEqualTo(1);
            assertThat(other.exitCode()).isEqualTo(1);
            for (Mvn mvn : List.of(one, other)) {
                Properties evidence = mvn.evidence();
                Mvn another = mvn == one ? other : one;
                assertThat(mvn.log())
                        .contains("leaked POSIX_SHM /dev/shm/leaky." + evidence.getProperty("pid"))
                        .contains("This build left IPC objects behind: 2 objects, 12.0 KiB.")
                        // What nothing attributes may be of either, and is said to be so.
                        .doesNotContainPattern("(?m)^(?!.*possibly leaked).*leaky\\."
                                + another.evidence().getProperty("pid"));
                assertThat(left(evidence)).isEmpty();
            }
        }
    }

    @Test
    void whatTheUserExcludesOutlivesTheNextBuildToo() throws Exception {
        Path project = Mvn.project("leaky");
        Mvn first = Mvn.run(project, "surefire:test", "-Dshm.excludes=leaky.*");
        Properties evidence = first.evidence(); // the next Maven here forgets it
        Set<String> file = Machine.filesWith("leaky." + evidence.getProperty("pid"));
        try {
            assertThat(file).hasSize(1);
            assertThat(left(evidence)).as("the segment has no such name").isEqualTo(file);

            Mvn.run(project, "validate", "-Dshm.excludes=leaky.*");
            assertThat(left(evidence)).as("after the next build").isEqualTo(file);

            Mvn.run(project, "validate");
            assertThat(left(evidence)).as("the control, which excludes nothing").isEmpty();
        } finally {
            for (String name : file) {
                Files.deleteIfExists(Path.of(name));
            }
        }
    }

    @Test
    void aCommandIsGuardedLikeABuild(@TempDir Path nowhere) throws Exception {
        String script = "perl -e 'open(F,qq(>/dev/shm/leaky.exec.$$)); syswrite(F,1); sleep 1; print qq(MADE $$\\n)'";
        Mvn mvn = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=" + script);

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .containsPattern("(?m)^MADE \\d+$")
                .containsPattern("leaked POSIX_SHM /dev/shm/leaky\\.exec\\.\\d+ \\(1 B\\), made by perl, process \\d+")
                .contains("This build left IPC objects behind: 1 object, 1 B, which were removed at its end");
        assertThat(Machine.filesWith("leaky.exec.")).isEmpty();

        Mvn failing = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=exit 3");
        assertThat(failing.exitCode()).isEqualTo(1);
        assertThat(failing.log()).contains("The command ended with exit code 3");
    }

    @Test
    void noReportHoldsTheSecretOfTheSession(@TempDir Path nowhere, @TempDir Path kept) throws Exception {
        Path file = kept.resolve("secret");
        String script = "printf %s $SHMKIT_SESSION > " + file
                + "; perl -e 'open(F,qq(>/dev/shm/leaky.secret.$$)); syswrite(F,1); sleep 1'";
        Mvn mvn = Mvn.run(
                nowhere,
                Mvn.GOAL + "exec",
                "-Dshm.command=" + script,
                "-Dshm.commandLines",
                "-Dshm.format=text,html,junit",
                "-Dshm.metricsFile=shmkit.prom");

        assertThat(mvn.exitCode()).isEqualTo(1);
        String secret = Files.readString(file);
        assertThat(secret).hasSize(22);
        assertThat(nowhere.resolve("target/shmkit/leaks.json"))
                .as("the control: the id is there")
                .content()
                .contains("\"session\": \"" + Machine.sessionOf(secret) + "\"");
        assertThat(mvn.log()).doesNotContain(secret);
        try (Stream<Path> reports = Files.walk(nowhere)) {
            for (Path report : reports.filter(Files::isRegularFile).toList()) {
                assertThat(report).content(StandardCharsets.ISO_8859_1).doesNotContain(secret);
            }
        }
    }

    @Test
    void stepsOfAJobAreComparedThroughAFile(@TempDir Path nowhere) throws Exception {
        try (Bystander bystander = Bystander.start(BYSTANDER, nowhere.resolve("files"))) {
            assertThat(Mvn.run(nowhere, Mvn.GOAL + "snapshot", "-Dshm.baseline=before.json")
                            .exitCode())
                    .isZero();
            Mvn clean = Mvn.run(nowhere, Mvn.GOAL + "check", "-Dshm.baseline=before.json", "-Dshm.includes=leaky.*");
            assertThat(clean.exitCode()).isZero();
            assertThat(clean.log()).contains("nothing is left behind");

            Path leaked = Files.writeString(Path.of("/dev/shm/leaky.step." + bystander.pid()), "x");
            Mvn check = Mvn.run(
                    nowhere,
                    Mvn.GOAL + "check",
                    "-Dshm.baseline=before.json",
                    "-Dshm.includes=leaky.*",
                    "-Dshm.settleMillis=0",
                    "-Dshm.metricsFile=shmkit.prom");
            Files.delete(leaked);

            assertThat(check.exitCode()).isEqualTo(1);
            assertThat(check.log()).contains("leaked POSIX_SHM " + leaked + " (1 B), made by unknown");
            assertThat(nowhere.resolve("target/shmkit/leaks.json")).exists();
            assertThat(nowhere.resolve("shmkit.prom"))
                    .content()
                    .contains("shmkit_leaked_objects{kind=\"POSIX_SHM\"} 1\n");
        }
    }

    private static Set<String> left(Properties evidence) {
        Set<String> left = new TreeSet<>(Machine.filesWith("leaky." + evidence.getProperty("pid")));
        left.addAll(Machine.sysvOf(
                Long.parseLong(evidence.getProperty("pid")), Integer.parseInt(evidence.getProperty("shmid"))));
        return left;
    }
}
