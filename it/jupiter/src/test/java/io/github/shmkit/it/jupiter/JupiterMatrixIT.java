package io.github.shmkit.it.jupiter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.shmkit.it.jupiter.suite.Bad;
import io.github.shmkit.it.jupiter.suite.EachKindOfClass;
import io.github.shmkit.it.jupiter.suite.EveryWay;
import io.github.shmkit.it.jupiter.suite.OfARecord;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One jar for all versions of JUnit, and for all of Java. */
class JupiterMatrixIT {
    private static final String FIRST_WITH_CLASS_TEMPLATES = "5.13";
    private static final String FIRST = "5.12";
    private static final int SECONDS = 120;
    private static final int FOREIGN = 22;

    /** A version of JUnit, and a Java to run it on. */
    record Combination(String jupiter, Path folder, Path javaHome, int feature) {
        boolean isAtLeast(String version) {
            return Version.parse(jupiter).compareTo(Version.parse(version)) >= 0;
        }

        @Override
        public String toString() {
            return "Jupiter " + jupiter + " on Java " + feature;
        }
    }

    /** Of the Java that runs this, and of those that the profile "matrix" is given. */
    static List<Path> homes() {
        List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        Arrays.stream(System.getProperty("matrix.jdks", "").split(",", -1))
                .filter(home -> !home.isBlank())
                .map(home -> Path.of(home.strip()))
                .forEach(homes::add);
        return homes;
    }

    static List<Combination> all() throws IOException {
        List<Path> homes = homes();
        List<Combination> all = new ArrayList<>();
        try (Stream<Path> versions = Files.list(Path.of(System.getProperty("matrix.versions")))) {
            for (Path version : versions.sorted().toList()) {
                for (Path home : homes) {
                    all.add(new Combination(
                            String.valueOf(version.getFileName()), version, home.toRealPath(), feature(home)));
                }
            }
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(2);
        return all.stream().distinct().toList();
    }

    static List<Combination> supported() throws IOException {
        return all().stream().filter(each -> each.isAtLeast(FIRST)).toList();
    }

    private static int feature(Path home) throws IOException {
        String line = Files.readAllLines(home.resolve("release")).stream()
                .filter(each -> each.startsWith("JAVA_VERSION="))
                .findFirst()
                .orElseThrow();
        return Runtime.Version.parse(line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')))
                .feature();
    }

    @TempDir
    private Path artifacts;

    @ParameterizedTest(name = "{0}")
    @MethodSource("supported")
    void everyWayWorks(Combination combination) throws Exception {
        Run run = run(combination, List.of(), EveryWay.class.getName(), OfARecord.class.getName());

        run.allPassed(EveryWay.TESTS + 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("supported")
    void andInParallelWithTimeoutsInAnotherThread(Combination combination) throws Exception {
        Run run = run(
                combination,
                List.of(
                        "-Djunit.jupiter.execution.parallel.enabled=true",
                        "-Djunit.jupiter.execution.parallel.mode.default=concurrent",
                        "-Djunit.jupiter.execution.timeout.default=60 s",
                        "-Djunit.jupiter.execution.timeout.thread.mode.default=SEPARATE_THREAD",
                        "-Djdk.lang.Process.launchMechanism=FORK"),
                EveryWay.class.getName(),
                OfARecord.class.getName());

        run.allPassed(EveryWay.TESTS + 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("supported")
    void classesAreParameterizedByTheKind(Combination combination) throws Exception {
        assumeThat(combination.isAtLeast(FIRST_WITH_CLASS_TEMPLATES))
                .as("@ParameterizedClass came with JUnit 5.13")
                .isTrue();

        run(combination, List.of(), EachKindOfClass.class.getName()).allPassed(4);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("supported")
    void failuresExplainThemselves(Combination combination) throws Exception {
        Run run = run(
                combination,
                List.of(
                        "-Djunit.platform.reporting.output.dir=" + artifacts.resolve("published"),
                        "-Dshmkit.artifacts.dir=" + artifacts),
                Bad.class.getName());

        assertThat(run.lines("FAILED")).as(run.output()).hasSize(Bad.TESTS);
        assertThat(run.failureOf("fails"))
                .contains(
                        "thrown java.lang.IllegalStateException: on purpose",
                        "suppressed state of test ",
                        "segment 'ring': POSIX_SHM, 4096 bytes",
                        "44 33 22 11");
        assertThat(run.failureOf("leaks"))
                .contains("thrown io.github.shmkit.junit.ShmLeakError", "segment 'left' is still open, as descriptor ");
        assertThat(run.failureOf("losesAHelper"))
                .contains("thrown io.github.shmkit.junit.HelperFailure", "helper 'victim' (pid ", "SIGSEGV");
        assertThat(run.failureOf("waitsTooLong"))
                .contains("TimeoutException", "helper 'peer' (pid ")
                // The test has closed it by now: this was seen before the interrupt.
                .containsPattern("helper 'peer' \\(pid \\d+\\): (SLEEPING|RUNNING)");
        assertThat(run.lines("PUBLISHED")).contains("PUBLISHED report.txt", "PUBLISHED segment-ring.bin");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("supported")
    void whereJavaHasMemorySegmentsItGivesThem(Combination combination) throws Exception {
        assumeThat(combination.feature())
                .as("java.lang.foreign came with Java 22")
                .isGreaterThanOrEqualTo(FOREIGN);
        assumeThat(Runtime.version().feature())
                .as("this build leaves the layer out")
                .isGreaterThanOrEqualTo(FOREIGN);

        run(combination, List.of(), "io.github.shmkit.it.jupiter.suite.Foreign").allPassed(4);
    }

    /** JUnit 5.12 brought PreInterruptCallback, which the extension is; nothing can be both that and absent. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void whatIsTooOldSaysWhatItLacks(Combination combination) throws Exception {
        assumeThat(combination.isAtLeast(FIRST)).as("it is not too old").isFalse();

        Run run = run(combination, List.of(), OfARecord.class.getName());

        assertThat(run.output()).contains("NoClassDefFoundError: org/junit/jupiter/api/extension/PreInterruptCallback");
    }

    // --- a run ---

    /** What a JVM said. */
    record Run(int exit, String output) {
        List<String> lines(String status) {
            return output.lines().filter(line -> line.startsWith(status + " ")).toList();
        }

        void allPassed(int tests) {
            assertThat(exit).as(output).isZero();
            assertThat(lines("FAILED")).as(output).isEmpty();
            assertThat(lines("ABORTED")).as(output).isEmpty();
            assertThat(lines("SKIPPED")).as(output).isEmpty();
            assertThat(lines("SUCCESSFUL")).as(output).hasSize(tests);
        }

        String failureOf(String test) {
            int start = output.indexOf("/[method:" + test + "(");
            assertThat(start).as("'%s' in %s", test, output).isPositive();
            int end = output.indexOf("\nFAILED ", start);
            return output.substring(start, end < 0 ? output.length() : end);
        }
    }

    private Run run(Combination combination, List<String> options, String... classes)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(combination.javaHome() + "/bin/java", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(combination), SuiteMain.class.getName()));
        command.addAll(List.of(classes));
        Path log = artifacts.resolve("run.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as(() -> "ends: " + read(log))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), read(log));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Ours, with that version of JUnit instead of the one that runs this. */
    private static String classPath(Combination combination) {
        List<String> elements = new ArrayList<>(List.of(combination.folder() + "/*"));
        Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator, -1))
                .filter(element -> !element.contains("/org/junit/"))
                .forEach(elements::add);
        assertThat(elements)
                .as("the extension as it is packed")
                .anyMatch(element -> element.matches(".*/shm-junit-[^/]*\\.jar"));
        return String.join(File.pathSeparator, elements);
    }
}
