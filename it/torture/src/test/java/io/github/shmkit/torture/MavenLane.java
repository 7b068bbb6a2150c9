package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.torture.Tally.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Real Maven sessions with the extension, and what they start: Surefire's test JVM, its supervisor, the watchdog. */
final class MavenLane extends Lane {
    private static final int LONGEST_LIFE_MILLIS = 400;
    private static final int LONGEST_START_MILLIS = 4000;
    private static final int LONGEST_CLEANING_MILLIS = 1500;
    private static final long START_SECONDS = 120;

    private final Path project;

    MavenLane(Random random, Tally tally, Cleaning cleaning, Scope scope, Path project) throws IOException {
        super(random, tally, cleaning, scope);
        this.project = project;
        Path classes = Files.createDirectories(project.resolve("target/test-classes")
                .resolve(path(BusyTest.class).getParent()));
        Files.copy(Path.of(System.getProperty("shmkit.torture.project")), project.resolve("pom.xml"));
        Files.copy(
                Path.of("target/test-classes").resolve(path(BusyTest.class)),
                classes.resolve(path(BusyTest.class).getFileName()));
    }

    private static Path path(Class<?> type) {
        return Path.of(type.getName().replace('.', '/') + ".class");
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "setsid",
                        System.getProperty("shmkit.torture.mavenHome") + "/bin/mvn",
                        "-B",
                        "-s",
                        System.getProperty("shmkit.torture.settings"),
                        "-Dmaven.repo.local=" + System.getProperty("shmkit.torture.repository"),
                        "-Dtest=" + BusyTest.class.getSimpleName(),
                        "surefire:test")
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        Map<String, String> environment = builder.environment();
        environment.put("MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        environment.remove("MAVEN_ARGS");
        environment.remove("SHMKIT_SESSION");
        return builder.start();
    }

    private Path log() {
        return project.resolve("mvn.log");
    }

    /** What a build has started, as far as it got; nobody has the pid -1. */
    private record Build(String session, long testJvm, long supervisor, long watchdog) {
        private static final long NOBODY = -1;

        static Build of(long maven) throws IOException {
            String session = Outside.sessionOfWatchdog(maven);
            long testJvm = NOBODY;
            long supervisor = NOBODY;
            long watchdog = NOBODY;
            for (long pid : session.isEmpty() ? List.<Long>of() : Outside.processesOf(session, maven)) {
                String role = Outside.role(pid);
                if (role.equals("watch")) {
                    watchdog = pid;
                } else if (role.equals("supervise")
                        && Outside.role(Outside.parentOf(pid)).isEmpty()) {
                    supervisor = pid;
                    testJvm = Outside.parentOf(pid);
                }
            }
            return new Build(session, testJvm, supervisor, watchdog);
        }

        boolean isAtWork() throws IOException {
            return testJvm != NOBODY && !Outside.objects(session, testJvm).isEmpty();
        }
    }

    @Override
    void round() throws Exception {
        cleaning.anotherBegins();
        Process maven = start();
        try {
            if (random.nextInt(5) == 0) {
                maven.waitFor(random.nextInt(LONGEST_START_MILLIS), TimeUnit.MILLISECONDS);
            } else {
                awaitTest(maven);
                live(maven, LONGEST_LIFE_MILLIS);
            }
            killAll(maven);
        } finally {
            maven.destroyForcibly().waitFor();
        }
    }

    private void awaitTest(Process maven) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Build.of(maven.pid()).isAtWork()) {
            assertThat(maven.isAlive() && System.nanoTime() < until)
                    .as("Maven comes to its test: %s", Files.readString(log()))
                    .isTrue();
            maven.waitFor(5, TimeUnit.MILLISECONDS);
        }
    }

    private void killAll(Process maven) throws Exception {
        Build build = Build.of(maven.pid());
        List<Victim> order =
                new ArrayList<>(List.of(Victim.MAVEN, Victim.TEST_JVM, Victim.SUPERVISOR, Victim.WATCHDOG));
        Collections.shuffle(order, random);
        boolean jvmDead = false;
        boolean mavenDead = false;
        for (Victim victim : order) {
            boolean spared = victim != Victim.MAVEN && random.nextInt(4) == 0;
            switch (victim) {
                case MAVEN -> {
                    if (jvmDead && random.nextBoolean()) { // while it cleans up after the dead test JVM
                        maven.waitFor(random.nextInt(LONGEST_CLEANING_MILLIS), TimeUnit.MILLISECONDS);
                    }
                    kill(victim, maven.pid(), build.session, build.testJvm);
                    mavenDead = true;
                }
                case TEST_JVM -> {
                    if (!spared && build.testJvm != Build.NOBODY) {
                        kill(victim, build.testJvm, build.session, build.testJvm);
                        jvmDead = true;
                    }
                }
                case SUPERVISOR -> {
                    if (!spared && build.supervisor != Build.NOBODY) {
                        kill(jvmDead ? Victim.REAPER : victim, build.supervisor, build.session, build.testJvm);
                    }
                }
                default -> {
                    if (!spared && build.watchdog != Build.NOBODY) {
                        kill(
                                mavenDead ? Victim.CLEANING_WATCHDOG : victim,
                                build.watchdog,
                                build.session,
                                build.testJvm);
                    }
                }
            }
        }
        maven.waitFor();
        // What it was just about to start has neither arguments nor an environment yet that would tell of us.
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !Outside.isRunningInSessionOf(maven.pid()));
        cleaning.anotherEnded();
        if (build.session.isEmpty()) {
            build = Build.of(maven.pid());
        }
        if (build.session.isEmpty()) {
            sweep(); // it had a session perhaps, but no watchdog yet that would tell which
        } else {
            clean(build.session, build.testJvm);
        }
    }
}
