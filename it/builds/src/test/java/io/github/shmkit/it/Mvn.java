package io.github.shmkit.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** A Maven of its own process group, to be looked at, interrupted and killed. */
final class Mvn implements AutoCloseable {
    /** The session of a build around this one, which must not become this one's. */
    static final String OUTER_SECRET = "outer-outer-outer-oute";

    static final String GOAL = "io.github.shmkit:shm-maven-plugin:" + System.getProperty("shmkit.it.version") + ":";
    private static final int END_SECONDS = 60;
    private static final int PAUSE_MILLIS = 10;

    private final Path folder;
    private final Path log;
    private final Process process;

    private Mvn(Path folder, Path log, Process process) {
        this.folder = folder;
        this.log = log;
        this.process = process;
    }

    /** One of the projects that the invoker prepared, in a copy that other test JVMs do not build. */
    static Path project(String name) {
        return Copy.OF_PROJECTS.resolve(name);
    }

    private static final class Copy {
        static final Path OF_PROJECTS = Path.of(System.getProperty("shmkit.it.projects") + "-of-"
                + ProcessHandle.current().pid());

        /** And removes those of JVMs that have ended. */
        private static final String COPY =
                "for old in \"$1\"-of-*; do test -d \"/proc/${old##*-}\" || rm -rf \"$old\"; done; cp -a \"$1\" \"$2\"";

        static {
            try {
                int code = new ProcessBuilder(
                                "sh",
                                "-c",
                                COPY,
                                "sh",
                                System.getProperty("shmkit.it.projects"),
                                OF_PROJECTS.toString())
                        .inheritIO()
                        .start()
                        .waitFor();
                if (code != 0) {
                    throw new IllegalStateException("cannot copy the projects to " + OF_PROJECTS);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Starts the Maven that runs this build. */
    static Mvn start(Path folder, String... arguments) throws IOException {
        return startOf(running(), folder, arguments);
    }

    static Mvn startOf(Path home, Path folder, String... arguments) throws IOException {
        return start(home, List.of(), folder, arguments);
    }

    private static Mvn start(Path home, List<String> prefix, Path folder, String... arguments) throws IOException {
        forgetEvidence(folder);
        Path log = Files.createTempFile(Files.createDirectories(folder.resolve("target")), "mvn", ".log");
        // A shell that starts this in the background would have it ignore Ctrl-C.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,TERM,HUP", "setsid"));
        command.addAll(prefix);
        command.addAll(List.of(
                home + "/bin/mvn",
                "-B",
                "-s",
                System.getProperty("shmkit.it.settings"),
                "-Dmaven.repo.local=" + System.getProperty("shmkit.it.repository")));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1" + coverage());
        environment.put("SHMKIT_SESSION", OUTER_SECRET);
        environment.remove("MAVEN_ARGS");
        return new Mvn(folder, log, builder.start());
    }

    /** In the profile "coverage", what our plugin runs in it counts. */
    private static String coverage() {
        String file = System.getProperty("shmkit.it.coverage");
        return file == null ? "" : " -javaagent:" + coverageAgent() + "=includes=io.github.shmkit.*,destfile=" + file;
    }

    static String coverageAgent() {
        return Arrays.stream(System.getProperty("java.class.path").split(":", -1))
                .filter(entry -> entry.contains("org.jacoco.agent"))
                .findAny()
                .orElseThrow();
    }

    /** Runs it to its end. */
    static Mvn run(Path folder, String... arguments) throws IOException, InterruptedException {
        Mvn mvn = start(folder, arguments);
        mvn.exitCode();
        return mvn;
    }

    static Mvn runOf(Path home, Path folder, String... arguments) throws IOException, InterruptedException {
        Mvn mvn = startOf(home, folder, arguments);
        mvn.exitCode();
        return mvn;
    }

    /** Runs it by a command that executes what follows it. */
    static Mvn runBy(List<String> prefix, Path folder, String... arguments) throws IOException, InterruptedException {
        Mvn mvn = start(running(), prefix, folder, arguments);
        mvn.exitCode();
        return mvn;
    }

    private static Path running() {
        return Path.of(System.getProperty("shmkit.it.mavenHome"));
    }

    static void forgetEvidence(Path folder) throws IOException {
        Files.deleteIfExists(evidenceOf(folder));
    }

    /** Waits until its test has made its segments. */
    Properties evidence() throws IOException, InterruptedException {
        Path file = evidenceOf(folder);
        Properties evidence = new Properties();
        while (!evidence.containsKey("seen")) {
            if (Files.exists(file)) {
                evidence = Machine.evidence(file);
            } else if (!process.isAlive()) {
                throw new IllegalStateException("Maven ended without a test:\n" + log());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        return evidence;
    }

    /** What the test of a module left, of a build that has ended. */
    static Properties evidence(Path folder) throws IOException {
        return Machine.evidence(evidenceOf(folder));
    }

    private static Path evidenceOf(Path folder) {
        return folder.resolve("target/evidence.properties");
    }

    /** Sends a signal to Maven alone. */
    void signal(String name) throws IOException, InterruptedException {
        kill(name, process.pid());
    }

    /** Sends a signal to all that Maven started too, as a terminal does. */
    void signalGroup(String name) throws IOException, InterruptedException {
        kill(name, -process.pid());
    }

    private static void kill(String signal, long target) throws IOException, InterruptedException {
        int code = new ProcessBuilder("sh", "-c", "kill -s " + signal + " -- " + target)
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("cannot send " + signal + " to " + target);
        }
    }

    /** Starts it by a command that executes what follows it. */
    static Mvn startBy(List<String> prefix, Path folder, String... arguments) throws IOException {
        return start(running(), prefix, folder, arguments);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for its end; as a shell has it, 128 and the signal if it was killed by one. */
    int exitCode() throws InterruptedException {
        return exitCode(Duration.ofSeconds(END_SECONDS));
    }

    /** For what takes longer than others. */
    int exitCode(Duration max) throws InterruptedException {
        if (!process.waitFor(max.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("Maven does not end: " + log);
        }
        return process.exitValue();
    }

    String log() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
