package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.guard.Watchdog;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Beside builds that end or are killed, and sweeps without a pause, a living program that has nothing open for long: it
 * opens its files by turns, replaces and renames them, attaches segments for moments, and uses by turns what the builds
 * made. It loses nothing, and of the builds nothing is left.
 */
class OutsiderTortureIT {
    private static final int ROUNDS = Torture.isLong() ? 10_000 : 200;
    private static final Duration TIME = Torture.isLong() ? Duration.ofMinutes(60) : Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int LONGEST_LIFE_MILLIS = 400;
    private static final Path SHM = Path.of("/dev/shm");
    private static final String MADE = "turns-made.";

    /** Looks into all that the other process has, and makes two files and a segment. */
    private static final String PROGRAM = String.join(
            "\n",
            "my ($prefix, $segment) = @ARGV;",
            "open(my $_lock, '+<', \"/dev/shm/${prefix}lock\"); open(my $_store, '<', \"/dev/shm/${prefix}store\");",
            "open(my $_name, '<', \"/dev/shm/${prefix}$_\") for ('to', 'fro'); shmread($segment, my $bytes, 0, 4);",
            "for (1, 2) { open(my $f, '>', \"/dev/shm/" + MADE + "$$.$_\") or die $!; print $f 'data' }",
            "shmget(0x74750000 | $$ & 0xffff, 4096, 01600) // die $!;",
            "select(undef, undef, undef, rand(0.1))");

    @TempDir
    Path folder;

    private final long seed = Long.getLong("shmkit.torture.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private int builds;

    @BeforeEach
    void onlyWhereTheKernelTells() {
        assumeTrue(
                Watchdog.sources().startsWith("A K K"),
                "needs root and Linux 5.17, for creators to be known and what they left to be removed");
    }

    private Process start(Path program) throws IOException {
        return new ProcessBuilder(program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private Path compiled() throws IOException, InterruptedException {
        Path program = folder.resolve("turns");
        Process cc = new ProcessBuilder(List.of(
                        "cc", "-D_GNU_SOURCE", "-pthread", "-o", program.toString(), "src/test/c/turns.c", "-lrt"))
                .inheritIO()
                .start();
        assertThat(cc.waitFor()).isZero();
        return program;
    }

    private static List<Path> made() throws IOException {
        List<Path> made = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(SHM, MADE + "*")) {
            files.forEach(made::add);
        }
        return made;
    }

    /** It takes by turns what others made, and they delete it as those do that ask only who has it open. */
    @Test
    void whatItUsesIsMissedWhereAnybodyDeletesIt() throws Exception {
        Process turns = start(compiled());
        try {
            BufferedReader said = turns.inputReader(StandardCharsets.UTF_8);
            assertThat(said.readLine()).startsWith("READY ");
            Path file = Files.writeString(SHM.resolve(MADE + "control"), "data");
            await().atMost(PATIENCE).until(() -> {
                Files.deleteIfExists(file);
                if (turns.isAlive()) {
                    Files.writeString(file, "data"); // until it has taken one
                }
                return !turns.isAlive();
            });
            assertThat(said.readLine()).startsWith("LOST " + file);
        } finally {
            end(turns);
            Files.deleteIfExists(SHM.resolve(MADE + "control"));
        }
    }

    /** One that ends in good order, is killed, or is killed with its watchdog. */
    private void build(String prefix, String segment) throws Exception {
        Process build = Jvm.start("", MakingBuild.class, Lane.newSecret(), PROGRAM, prefix, segment);
        try {
            BufferedReader said = build.inputReader(StandardCharsets.UTF_8);
            long watchdog = Long.parseLong(said.readLine());
            assertThat(said.readLine()).as("see %s", Jvm.ERRORS).isEqualTo("made");
            if (!build.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS)) {
                switch (random.nextInt(4)) {
                    case 0 -> build.destroyForcibly();
                    case 1 -> {
                        ProcessHandle.of(watchdog).ifPresent(ProcessHandle::destroyForcibly);
                        build.destroyForcibly();
                    }
                    default -> build.getOutputStream().close();
                }
            }
            assertThat(build.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            builds++;
        } finally {
            build.destroyForcibly();
        }
    }

    /** Sweepers that begin again as soon as they have ended. */
    private static final class Sweepers implements AutoCloseable {
        private final List<Process> processes = new ArrayList<>();
        private final List<BufferedReader> answers = new ArrayList<>();
        private int sweeps;

        Sweepers(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                Process sweeper = Jvm.command("", Sweeper.class)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                processes.add(sweeper);
                answers.add(sweeper.inputReader(StandardCharsets.UTF_8));
            }
        }

        void goOn() throws IOException {
            for (int i = 0; i < processes.size(); i++) {
                while (answers.get(i).ready()) {
                    String answer = answers.get(i).readLine();
                    if (!answer.equals("begin")) {
                        sweeps += answer.startsWith("end ") ? 1 : 0;
                        processes.get(i).getOutputStream().write('\n');
                        processes.get(i).getOutputStream().flush();
                    }
                }
            }
        }

        @Override
        public void close() {
            processes.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void itLosesNothingAndOfTheBuildsNothingIsLeft() throws Exception {
        Torture.report("outsider torture: seed " + seed + " (-Dshmkit.torture.seed=" + seed + ")");
        Set<String> before = Outside.everything();
        long start = System.nanoTime();
        Process turns = start(compiled());
        try (Sweepers sweepers = new Sweepers(2)) {
            BufferedReader said = turns.inputReader(StandardCharsets.UTF_8);
            String[] ready = said.readLine().split(" ", -1);
            assertThat(ready[0]).isEqualTo("READY");
            String last = "AT 0";
            while (last.startsWith("AT ") && goesOn(start, number(last, 1))) {
                build(ready[1], ready[2]);
                sweepers.goOn();
                while (said.ready() && last.startsWith("AT ")) {
                    last = said.readLine();
                }
            }
            turns.getOutputStream().close();
            while (last.startsWith("AT ")) {
                last = String.valueOf(said.readLine());
            }
            assertThat(last).as("seed %d, after %d builds", seed, builds).startsWith("ROUNDS ");
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
                sweepers.goOn();
                assertThat(made()).isEmpty();
                assertThat(Outside.everything()).isSubsetOf(before);
            });
            Torture.report(String.format(
                    "outsider torture: %s, %d builds, %d sweeps in %d s, seed %d: 0 lost, 0 left",
                    last, builds, sweepers.sweeps, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start), seed));
            assertThat(number(last, 1)).as("rounds").isGreaterThanOrEqualTo(ROUNDS);
            assertThat(number(last, 3)).as("taken up").isPositive();
            assertThat(sweepers.sweeps).isPositive();
        } finally {
            end(turns);
        }
    }

    /** It removes what it has made, and is killed only if it does not. */
    private static void end(Process turns) throws Exception {
        try {
            turns.getOutputStream().close();
            turns.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            turns.destroyForcibly().waitFor();
        }
    }

    private static int number(String line, int index) {
        return Integer.parseInt(line.split(" ", -1)[index]);
    }

    /** A short one is over with its time, a long one with its rounds. */
    private boolean goesOn(long start, int rounds) {
        boolean inTime = System.nanoTime() - start < TIME.toNanos();
        return inTime && (!Torture.isLong() || rounds < ROUNDS);
    }
}
