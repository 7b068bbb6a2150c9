package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.process.CommandHelper;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs of tests in a JVM of their own that do not come to their end. */
class KilledRunTests {
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    /** What is there, one word a line, and then a test that does not end. */
    public static final class Main {
        private Main() {}

        /**
         * Runs this class's case.
         *
         * @param arguments the method
         */
        public static void main(String[] arguments) {
            LauncherConfig config = LauncherConfig.builder()
                    .enablePostDiscoveryFilterAutoRegistration(false)
                    .build();
            try (LauncherSession session = LauncherFactory.openSession(config)) {
                session.getLauncher()
                        .execute(LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectMethod(EndlessCase.class, method(arguments[0])))
                                .build());
            }
        }
    }

    private static Method method(String name) {
        return Arrays.stream(EndlessCase.class.getDeclaredMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ExtendWith(ShmExtension.class)
    static class EndlessCase {
        /** Not to be seen by the outer test but through the pipe. */
        private static void say(Object word) {
            System.out.println(word);
        }

        @Test
        void objects(ShmTestkit kit) throws InterruptedException {
            for (SegmentKind kind : SegmentKind.values()) {
                Segment segment = kit.create(SegmentSpec.of(kind).label(kind.name()));
                say(
                        segment.address() instanceof SegmentAddress.BySysv sysv
                                ? "shm " + sysv.shmid()
                                : "file " + ((SegmentAddress.ByPath) segment.address()).path());
            }
            say("file /dev/shm/sem." + kit.semaphore("semaphore", 1).name().substring(1));
            SysvSemaphoreSet set = kit.semaphoreSet("set", 1, 1);
            say("sem " + set.id());
            say("msg " + kit.sysvQueue("queue").id());
            CommandHelper helper = kit.command("sleeper", "sleep", "1000").start();
            say("file /proc/" + helper.pid());
            say("up");
            new CountDownLatch(1).await();
        }

        /** The daemon is of another session and group, and has all that is open for it. */
        @Test
        void daemon(ShmTestkit kit) {
            CommandHelper starter = kit.command("starter", "/bin/sh", "-c", "setsid sleep 20 & echo $!")
                    .start();
            var unused = starter.awaitExit();
            say("sleeper " + starter.stdout().text().strip());
            say("up");
        }

        /** What naive code does. */
        @Test
        void inheriting() throws IOException {
            Process sleeper = new ProcessBuilder("sleep", "20").inheritIO().start();
            say("sleeper " + sleeper.pid());
            say("up");
        }
    }

    private static List<String> command(String method) {
        return List.of(
                // As from a terminal: what a script starts in the background, this build for example, ignores SIGINT
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                method);
    }

    private static Process start(String method) throws IOException {
        return new ProcessBuilder(command(method))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** What it says before it is up. */
    private static List<String> words(BufferedReader out) throws IOException {
        List<String> words = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.equals("up")) {
                return words;
            }
            words.add(line);
        }
        throw new AssertionError("it ended before it was up, and said " + words);
    }

    private static boolean exists(String word) {
        String[] parts = word.split(" ", 2);
        if (parts[0].equals("file")) {
            return Files.exists(Path.of(parts[1]));
        }
        try {
            return Files.readAllLines(Path.of("/proc/sysvipc/" + parts[0])).stream()
                    .skip(1)
                    .anyMatch(row -> row.strip().split("\\s+", 3)[1].equals(parts[1]));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "INT", "TERM"})
    void nothingIsLeftWhateverEndsTheJvm(String signal) throws Exception {
        Process jvm = start("objects");
        try (BufferedReader out = jvm.inputReader(StandardCharsets.UTF_8)) {
            List<String> words = words(out);
            assertThat(words).hasSize(8).allMatch(KilledRunTests::exists);

            assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(jvm.pid()))
                            .start()
                            .waitFor())
                    .isZero();

            assertThat(jvm.waitFor(AT_ONCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Awaitility.await().atMost(AT_ONCE).until(() -> words.stream().noneMatch(KilledRunTests::exists));
        } finally {
            jvm.destroyForcibly();
        }
    }

    /** Control: an object that no ledger knows outlives its maker, and is seen to. */
    @Test
    void whatIsMadeByHandStays() throws Exception {
        Path made = Path.of("/dev/shm/killed-run-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        Process maker = new ProcessBuilder("/bin/sh", "-c", "echo > " + made + "; echo up; exec sleep 1000").start();
        try (BufferedReader out = maker.inputReader(StandardCharsets.UTF_8)) {
            assertThat(words(out)).isEmpty();
            maker.destroyForcibly().waitFor();

            assertThat(exists("file " + made)).isTrue();
        } finally {
            maker.destroyForcibly();
            Files.deleteIfExists(made);
        }
    }

    /** Who waits for the end of the output, as Maven does, waits for everybody who has it open. */
    private static Process startBehindPipe(String method) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "{ \"$@\"; echo ended; } | cat", "sh"));
        command.addAll(command(method));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    void aProcessThatIsLeftDoesNotHoldTheOutputOpen() throws Exception {
        Process pipe = startBehindPipe("daemon");
        long sleeper = 0;
        try (BufferedReader out = pipe.inputReader(StandardCharsets.UTF_8)) {
            sleeper = Long.parseLong(words(out).get(0).replace("sleeper ", ""));
            assertThat(out.readLine()).isEqualTo("ended");

            assertThat(pipe.waitFor(AT_ONCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            end(pipe);
            ProcessHandle.of(sleeper).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void aProcessThatInheritsItDoes() throws Exception {
        Process pipe = startBehindPipe("inheriting");
        long sleeper = 0;
        try (BufferedReader out = pipe.inputReader(StandardCharsets.UTF_8)) {
            sleeper = Long.parseLong(words(out).get(0).replace("sleeper ", ""));
            assertThat(out.readLine()).isEqualTo("ended");

            assertThat(pipe.waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
            ProcessHandle.of(sleeper).ifPresent(ProcessHandle::destroyForcibly);
            assertThat(pipe.waitFor(AT_ONCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            end(pipe);
            ProcessHandle.of(sleeper).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private static void end(Process pipe) {
        pipe.descendants().forEach(ProcessHandle::destroyForcibly);
        pipe.destroyForcibly();
    }
}
