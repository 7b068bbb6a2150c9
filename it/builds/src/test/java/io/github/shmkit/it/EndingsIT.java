package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every ending of a build: nothing of it is left, and somebody else on the machine has noticed nothing.
 *
 * <p>With the profile {@code matrix}, builds of each Maven and Surefire end in every way; without it, some do.
 */
class EndingsIT {
    private static final Path PROGRAM = Path.of(System.getProperty("shmkit.it.bystander"));
    private static final Path MAVENS = Path.of(System.getProperty("shmkit.it.target"), "mavens");
    private static final Path TABLE = Path.of(System.getProperty("shmkit.it.target"), "endings.txt");
    private static final Maven RUNNING =
            new Maven(System.getProperty("shmkit.it.mavenVersion"), Path.of(System.getProperty("shmkit.it.mavenHome")));
    private static final long CLEAN_WITHIN_MILLIS = 2000;
    private static final int PAUSE_MILLIS = 5;

    /** Those that the invoker's scenarios do not have. */
    private static final Set<Ending> OF_RUNNING =
            EnumSet.of(Ending.INTERRUPTED, Ending.TERMINATED, Ending.KILLED, Ending.GROUP_KILLED);

    private static final Set<Ending> OF_ANOTHER =
            EnumSet.of(Ending.SUCCESS, Ending.GOAL_EXITS, Ending.INTERRUPTED, Ending.GROUP_KILLED, Ending.ALL_KILLED);

    private static final Map<Build, String> RESULTS = new LinkedHashMap<>();

    private record Maven(String version, Path home) {}

    private record Build(Maven maven, String surefire, Ending ending) {
        String tools() {
            return maven.version() + "/" + surefire;
        }

        @Override
        public String toString() {
            return ending + " of Maven " + maven.version() + " with Surefire " + surefire;
        }
    }

    static Stream<Build> builds() {
        boolean matrix = Boolean.getBoolean("shmkit.it.matrix");
        Stream<Maven> others = words("shmkit.it.mavens")
                .filter(version -> !version.equals(RUNNING.version()))
                .map(version -> new Maven(version, MAVENS.resolve("apache-maven-" + version)));
        return Stream.concat(Stream.of(RUNNING), others)
                .flatMap(maven -> words("shmkit.it.surefires")
                        .flatMap(surefire -> Arrays.stream(Ending.values())
                                .filter(ending ->
                                        matrix || (maven.equals(RUNNING) ? OF_RUNNING : OF_ANOTHER).contains(ending))
                                .map(ending -> new Build(maven, surefire, ending))));
    }

    private static Stream<String> words(String property) {
        return Arrays.stream(System.getProperty(property).split(",", -1));
    }

    @ParameterizedTest
    @MethodSource("builds")
    void nothingIsLeft(Build build, @TempDir Path folder) throws Exception {
        Ending ending = build.ending();
        RESULTS.put(build, "FAILED");
        for (Path module : ending.modules()) {
            Mvn.forgetEvidence(module);
        }
        try (Bystander bystander = Bystander.start(PROGRAM, folder.resolve("bystander"));
                Mvn mvn = Mvn.startOf(build.maven().home(), ending.project(), ending.arguments(build.surefire()))) {
            ending.come(mvn);
            assertThat(mvn.exitCode()).as(mvn.log()).isEqualTo(ending.exitCode());
            List<Properties> evidence = evidence(ending);
            String log = ending.cleaner().isAnotherMaven() ? next(build, folder, evidence) : mvn.log();
            long elapsed = cleanAfter(evidence, ending.cleaner().isAnotherMaven() ? 0 : CLEAN_WITHIN_MILLIS);

            assertThat(log)
                    .containsPattern(ending.cleaner().said(evidence.get(0).getProperty("session")));
            assertThat(bystander.look()).isEqualTo("UNTOUCHED " + bystander.objects());
            RESULTS.put(build, elapsed + " ms");
        }
    }

    private static List<Properties> evidence(Ending ending) throws IOException {
        List<Properties> all = new ArrayList<>();
        for (Path module : ending.modules()) {
            Properties evidence = Mvn.evidence(module);
            assertThat(evidence.getProperty("secret")).isNotEqualTo(Mvn.OUTER_SECRET);
            assertThat(evidence.getProperty("seen")).isEqualTo(evidence.getProperty("made"));
            all.add(evidence);
        }
        return all;
    }

    /** Runs the next Maven on the machine; the control is that without it, all stays. */
    private static String next(Build build, Path nowhere, List<Properties> evidence) throws Exception {
        assertThat(left(evidence)).hasSizeGreaterThanOrEqualTo(3);
        Mvn next = build.ending().cleaner() == Ending.Cleaner.GOAL
                ? Mvn.runOf(build.maven().home(), nowhere, Mvn.GOAL + "clean")
                : Mvn.runOf(build.maven().home(), build.ending().project(), "validate");
        assertThat(next.exitCode()).as(next.log()).isZero();
        return next.log();
    }

    private static long cleanAfter(List<Properties> evidence, long withinMillis) throws InterruptedException {
        long since = System.nanoTime();
        long elapsed = 0;
        Set<String> left = left(evidence);
        while (!left.isEmpty() && elapsed < withinMillis) {
            Thread.sleep(PAUSE_MILLIS);
            left = left(evidence);
            elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
        }
        assertThat(left).as(() -> ledgers(evidence)).isEmpty();
        return elapsed;
    }

    /** Who reads of a failure wants to know what was known. */
    private static String ledgers(List<Properties> evidence) {
        return evidence.stream()
                .flatMap(module -> Machine.filesWith(module.getProperty("session")).stream())
                .filter(file -> file.endsWith(".jrnl"))
                .map(file -> {
                    try {
                        return file + ":\n" + Files.readString(Path.of(file));
                    } catch (IOException e) {
                        return file + ": " + e;
                    }
                })
                .collect(Collectors.joining("\n"));
    }

    private static Set<String> left(List<Properties> evidence) {
        Set<String> left = new TreeSet<>();
        for (Properties module : evidence) {
            String session = module.getProperty("session");
            left.addAll(Machine.filesWith(session));
            left.addAll(Machine.filesWith("leaky." + module.getProperty("pid")));
            left.addAll(Machine.sysvOf(
                    Long.parseLong(module.getProperty("pid")), Integer.parseInt(module.getProperty("shmid"))));
            left.addAll(Machine.processesWith(session));
        }
        return left;
    }

    /** One row an ending, one column a Maven and Surefire: the time until nothing was left. */
    @AfterAll
    static void tellResults() throws IOException {
        List<String> columns =
                RESULTS.keySet().stream().map(Build::tools).distinct().toList();
        StringBuilder table =
                new StringBuilder("Milliseconds from the end of Maven to 0 of ours left, bystander untouched\n");
        table.append(row("Maven/Surefire", columns));
        for (Ending ending : Ending.values()) {
            Map<String, String> cells = new HashMap<>();
            RESULTS.forEach((build, result) -> {
                if (build.ending() == ending) {
                    cells.put(build.tools(), result);
                }
            });
            if (!cells.isEmpty()) {
                table.append(row(
                        ending.toString(),
                        columns.stream()
                                .map(tools -> cells.getOrDefault(tools, "-"))
                                .toList()));
            }
        }
        System.out.print(table);
        Files.writeString(TABLE, table);
    }

    private static String row(String head, List<String> cells) {
        StringBuilder row = new StringBuilder(String.format("%-22s", head));
        cells.forEach(cell -> row.append(String.format(" %17s", cell)));
        return row.append('\n').toString();
    }
}
