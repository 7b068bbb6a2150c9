package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven in a JVM that outlives its sessions. */
class TwoSessionsIT {
    private static final Pattern SESSION = Pattern.compile("shmkit: this is session (\\S+)");
    private static final int END_SECONDS = 120;

    @Test
    void nothingOfASessionOutlivesIt(@TempDir Path folder) throws Exception {
        Path home = Path.of(System.getProperty("shmkit.it.target"), "mavens", "apache-maven-3.9.16");
        Path project = Mvn.project("leaky");
        Path log = folder.resolve("log");

        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        classWorlds(home) + ":" + System.getProperty("shmkit.it.testClasses"),
                        "-Dclassworlds.conf=" + home.resolve("bin/m2.conf"),
                        "-Dmaven.home=" + home,
                        "-Dmaven.multiModuleProjectDirectory=" + project,
                        TwoSessions.class.getName(),
                        "-B",
                        "-X",
                        "-s",
                        System.getProperty("shmkit.it.settings"),
                        "-Dmaven.repo.local=" + System.getProperty("shmkit.it.repository"),
                        "surefire:test")
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        String said = Files.readString(log);
        assertThat(process.exitValue()).as(said).isZero();
        // The guard was there, twice, and had something to do.
        List<String> sessions = SESSION.matcher(said)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
        assertThat(sessions).hasSize(2);
        Matcher removed = Pattern.compile("shmkit: removed 2 objects \\(.*\\) that a program of this build left")
                .matcher(said);
        assertThat(removed.results()).hasSize(2);
        assertThat(said)
                .contains("session 1: exit code 0, hooks [], threads [], children []")
                .contains("session 2: exit code 0, hooks [], threads [], children []");
        for (String session : sessions) {
            assertThat(Machine.filesWith(session)).isEmpty();
            assertThat(Machine.processesWith(session)).isEmpty();
        }
    }

    private static Path classWorlds(Path home) throws Exception {
        try (Stream<Path> jars = Files.list(home.resolve("boot"))) {
            return jars.filter(jar -> jar.toString().endsWith(".jar")).findAny().orElseThrow();
        }
    }
}
