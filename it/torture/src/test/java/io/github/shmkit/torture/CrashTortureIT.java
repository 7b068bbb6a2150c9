package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds, test JVMs, their helpers, supervisors, watchdogs and cleaners killed with -9 at random moments and in random
 * order: the next sweep that is left alone removes everything, and a bystander with objects of every kind notices nothing.
 */
class CrashTortureIT {
    private static final int KILLS = Torture.isLong() ? 10_000 : Integer.MAX_VALUE;
    private static final Duration TIME = Torture.isLong() ? Duration.ofMinutes(60) : Duration.ofSeconds(30);
    private static final double SHARE_WITH_OBJECTS = 0.8;
    private static final double SHARE_OF_KILLED_CLEANERS = 0.3;
    private static final int LONGEST_LIFE_MILLIS = 120;
    private static final int LONGEST_PAUSE_MICROS = 3000;

    @TempDir
    Path programs;

    private final long seed = Long.getLong("shmkit.torture.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Process> started = new ArrayList<>();
    private Sweeper sweeper;
    private int kills;
    private int killsWithObject;
    private int cleanersKilled;

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void nothingOfOursIsLeftAndNothingOfOthersIsTouched() throws Exception {
        Bystander bystander = new Bystander();
        long until = System.nanoTime() + TIME.toNanos();
        int rounds = 0;
        sweeper = new Sweeper();
        while (kills < KILLS && System.nanoTime() < until) {
            round();
            rounds++;
            bystander.assertUntouched();
        }
        bystander.end();
        Torture.report(String.format(
                "crash torture: %d kills in %d rounds (seed %d), %d of them with an object of ours alive, %d of cleaners "
                        + "at work; left after the next sweep: 0; bystander's objects touched: 0",
                kills, rounds, seed, killsWithObject, cleanersKilled));
        assertThat(kills).as("it did kill").isGreaterThan(rounds);
        assertThat(cleanersKilled).as("it killed cleaners too").isPositive();
        assertThat((double) killsWithObject).isGreaterThanOrEqualTo(SHARE_WITH_OBJECTS * kills);
        if (Torture.isLong()) {
            assertThat(kills).isGreaterThanOrEqualTo(KILLS);
        }
    }

    private void round() throws Exception {
        String session = newSession();
        Process build = java(Build.class, session);
        BufferedReader out = build.inputReader(StandardCharsets.UTF_8);
        assertThat(out.readLine()).isEqualTo("at work");
        assertThat(build.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS))
                .isFalse();

        List<Long> victims = new ArrayList<>(Outside.processesOf(session, build.pid()));
        Collections.shuffle(victims, random);
        // Some of those that could clean are left to do so; the build itself and its test JVM are not.
        for (long victim : victims) {
            boolean guard = Outside.isGuard(victim);
            if (!guard || random.nextBoolean()) {
                kill(victim, session);
            }
        }
        build.destroyForcibly().waitFor();
        started.remove(build);
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> Outside.processesOf(session, build.pid()).isEmpty());

        if (random.nextDouble() < SHARE_OF_KILLED_CLEANERS) {
            sweeper.killWhileSweeping(session);
            sweeper = new Sweeper();
        }
        sweeper.sweep();
        assertThat(Outside.objects(session, build.pid())).as("seed " + seed).isEmpty();
        assertThat(Outside.bookkeeping(session)).as("seed " + seed).isEmpty();
    }

    private void kill(long pid, String session) throws IOException {
        pause();
        boolean object = !Outside.objects(session, pid).isEmpty();
        if (ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false)) {
            kills++;
            killsWithObject += object ? 1 : 0;
        }
    }

    /** The moment is to be random; nothing is waited for. */
    private void pause() {
        long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(random.nextInt(LONGEST_PAUSE_MICROS));
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    private Process java(Class<?> main, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(new File("/dev/null"));
        builder.environment().remove("SHMKIT_SESSION");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static String newSession() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A cleaner in a JVM of its own. */
    private final class Sweeper {
        private final Process process = java(io.github.shmkit.torture.Sweeper.class);
        private final BufferedReader out = process.inputReader(StandardCharsets.UTF_8);

        Sweeper() throws IOException {
            assertThat(out.readLine()).isEqualTo("ready");
        }

        private void ask() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertThat(out.readLine()).isEqualTo("begin");
        }

        void sweep() throws IOException {
            ask();
            assertThat(out.readLine()).startsWith("end ");
        }

        void killWhileSweeping(String session) throws IOException, InterruptedException {
            ask();
            pause();
            killsWithObject += Outside.objects(session, 0).isEmpty() ? 0 : 1;
            // Its actuator too, wherever that is.
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            started.remove(process);
            kills++;
            cleanersKilled++;
        }
    }

    /** Another program with objects of its own, see bystander.c. */
    private final class Bystander {
        private final Process process;
        private final BufferedReader out;

        Bystander() throws IOException, InterruptedException {
            Path program = programs.resolve("bystander");
            Process cc = new ProcessBuilder(
                            "cc",
                            "-D_GNU_SOURCE",
                            "-pthread",
                            "-o",
                            program.toString(),
                            "../builds/src/test/c/bystander.c",
                            "-lrt")
                    .inheritIO()
                    .start();
            assertThat(cc.waitFor()).isZero();
            Path folder = Files.createDirectory(programs.resolve("bystanders"));
            process = new ProcessBuilder(program.toString(), folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            started.add(process);
            out = process.inputReader(StandardCharsets.UTF_8);
            assertThat(out.readLine()).startsWith("READY ");
        }

        void assertUntouched() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertThat(out.readLine()).as("seed " + seed).startsWith("UNTOUCHED ");
        }

        void end() throws IOException, InterruptedException {
            process.getOutputStream().close();
            assertThat(process.waitFor()).isZero();
        }
    }
}
