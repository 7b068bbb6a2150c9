package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * A sweep is about as fast as the tools that do not ask whose an object is.
 *
 * <p>The long form asserts the goals; the short one, on a machine that builds other things meanwhile and with fewer objects
 * over which to spread the start of the actuator, a bound that a sweep of quadratic cost, or one that starts a process for
 * each object, misses by far.
 */
class SweepSpeedIT {
    private static final String NAMESPACES = "mount -t tmpfs -o mode=1777 tmpfs /dev/shm && exec \"$@\"";
    private static final int SYSV = Torture.isLong() ? 4096 : 400;
    private static final int FILES = Torture.isLong() ? 100_000 : 10_000;
    private static final int ROUNDS = Torture.isLong() ? 9 : 5;
    /** The first rounds warm the JVM up. */
    private static final int COLD_ROUNDS = Torture.isLong() ? 4 : 2;

    private static final double SYSV_BOUND = Torture.isLong() ? 2 : 12;
    private static final double FILES_BOUND = Torture.isLong() ? 3 : 8;
    private static final double IDLE_MS = 20;

    @Test
    void aSweepIsNotMuchSlowerThanTheToolsThatAskNothing() throws Exception {
        List<String> namespaces = List.of("unshare", "--mount", "--ipc", "sh", "-c", NAMESPACES, "sh");
        assumeTrue(
                run(namespaces, "true").exit() == 0,
                "needs namespaces of its own for a private /dev/shm: run the build as root");
        Ended measured = run(
                namespaces,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", // the bound for its heap
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SweepSpeed.class.getName(),
                Integer.toString(SYSV),
                Integer.toString(FILES),
                Integer.toString(ROUNDS));
        assertThat(measured.exit()).as(measured.out()).isZero();

        List<String[]> idle = measured.lines("idle");
        double idleMs = median(idle, 1);
        Torture.report("nothing to do: " + idleMs + " ms, the first time " + idle.get(0)[1] + " ms");
        double sysv = ratio(measured, "sysv", SYSV);
        double files = ratio(measured, "files", FILES);
        assertThat(idle)
                .hasSize(ROUNDS)
                .allSatisfy(look -> assertThat(look[2]).as("JNA was loaded").isEqualTo("false"));
        assertThat(idleMs).isLessThanOrEqualTo(IDLE_MS);
        if (Torture.isLong()) { // beside other builds it may wait for a processor as long as that
            assertThat(Double.parseDouble(idle.get(0)[1])).as("cold").isLessThanOrEqualTo(IDLE_MS);
        }
        assertThat(sysv).as(measured.out()).isLessThanOrEqualTo(SYSV_BOUND);
        assertThat(files).as(measured.out()).isLessThanOrEqualTo(FILES_BOUND);
    }

    private static double ratio(Ended measured, String what, int count) {
        List<String[]> all = measured.lines(what);
        assertThat(all).hasSizeGreaterThanOrEqualTo(ROUNDS);
        List<String[]> rounds = all.subList(all.size() - ROUNDS, all.size());
        double sweep = median(rounds, 1);
        double peer = median(rounds, 2);
        Torture.report(String.format(
                Locale.ROOT,
                "%s, %d of which half are a dead session's: sweep %.1f ms, peer %.1f ms, ratio %.2f (medians of %d rounds)",
                what,
                count,
                sweep,
                peer,
                sweep / peer,
                ROUNDS - COLD_ROUNDS));
        return sweep / peer;
    }

    private static double median(List<String[]> rounds, int field) {
        double[] sorted = rounds.stream()
                .skip(COLD_ROUNDS)
                .mapToDouble(round -> Double.parseDouble(round[field]))
                .sorted()
                .toArray();
        return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElseThrow();
    }

    private record Ended(int exit, String out) {
        /** The lines that begin with that word, as their fields. */
        List<String[]> lines(String word) {
            return out.lines()
                    .map(line -> line.split(" ", -1))
                    .filter(fields -> fields[0].equals(word))
                    .toList();
        }
    }

    private static Ended run(List<String> wrapper, String... command) throws Exception {
        List<String> all = new ArrayList<>(wrapper);
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out);
    }
}
