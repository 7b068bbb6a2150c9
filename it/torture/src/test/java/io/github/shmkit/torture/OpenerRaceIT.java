package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Deleting a file that others open all the time: nobody may end up with one that was deleted under his hands. */
class OpenerRaceIT {
    private static final int DELETES = Torture.isLong() ? 50_000 : 5_000;
    private static final int OPENS_PER_SECOND = 1000;
    /**
     * What a ledger names is looked at once: an opener who found the name before it was moved, and has not yet come to the
     * lease, is lost; about one in twenty thousand deletes, and the name is known to nobody but a dead session.
     */
    private static final int DELETES_FOR_ONE_LOST = 1_000;

    private static final Path SOURCES = Path.of("../../native-helper/src/main/c");

    @TempDir
    Path programs;

    private Path arena;

    @BeforeEach
    void makeArena() throws IOException {
        arena = Files.createTempDirectory(Path.of("/dev/shm"), "race");
    }

    @AfterEach
    void removeArena() throws IOException {
        Files.delete(arena);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noOpenerLosesHisFileToTheActuator() throws Exception {
        Path race = programs.resolve("race");
        run(List.of(
                "cc",
                "-std=c11",
                "-D_GNU_SOURCE",
                "-O2",
                "-I" + SOURCES,
                "-o",
                race.toString(),
                "src/test/c/race.c",
                SOURCES.resolve("clean/actuator.c").toString(),
                SOURCES.resolve("clean/identity.c").toString(),
                SOURCES.resolve("common/clock.c").toString(),
                SOURCES.resolve("common/descriptor.c").toString(),
                SOURCES.resolve("common/die.c").toString()));
        String out = run(List.of(race.toString(), arena.toString(), Integer.toString(DELETES)));
        Map<String, Long> naive = parse(out, "naive");
        Map<String, Long> actuator = parse(out, "actuator");
        Map<String, Long> recorded = parse(out, "recorded");
        Torture.report("opener race:\n" + out.trim());
        assertThat(naive.get("lost")).as("the control bites").isGreaterThan(DELETES / 10);
        assertThat(actuator.get("deletes")).isEqualTo(DELETES);
        assertThat(actuator.get("opens_per_second")).isGreaterThanOrEqualTo(OPENS_PER_SECOND);
        assertThat(actuator.get("lost")).isZero();
        assertThat(recorded.get("deletes")).isEqualTo(DELETES);
        assertThat(recorded.get("opens_per_second")).isGreaterThanOrEqualTo(OPENS_PER_SECOND);
        assertThat(recorded.get("lost")).isLessThan(DELETES / DELETES_FOR_ONE_LOST);
        Torture.report(String.format(
                "actuator: 0 of %d deletes lost an opener's file, so that at most %.4f %% do, with 95 %% confidence",
                DELETES, 100 * upperBoundAfterNone(DELETES)));
    }

    /** Of the share of failures, after so many trials without one: Clopper and Pearson's, one-sided, at 95 %. */
    private static double upperBoundAfterNone(int trials) {
        return 1 - Math.pow(0.05, 1.0 / trials);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
        return out;
    }

    private static Map<String, Long> parse(String out, String way) {
        Map<String, Long> figures = new HashMap<>();
        String line =
                out.lines().filter(l -> l.startsWith(way + " ")).findFirst().orElseThrow();
        for (String field : line.substring(way.length() + 1).split(" ", -1)) {
            int equals = field.indexOf('=');
            figures.put(field.substring(0, equals), Long.parseLong(field.substring(equals + 1)));
        }
        return figures;
    }
}
