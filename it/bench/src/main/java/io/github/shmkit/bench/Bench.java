package io.github.shmkit.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs all benchmarks, writes results.json and index.html, and prints the table.
 *
 * <p>Arguments: the C source of the peers; then the ids of the benchmarks to run, none for all.
 */
public final class Bench {
    private static final int LIMIT_MINUTES = 6;
    /** With Maven around it, a run of all takes at most 20 minutes, on a slow machine too. */
    private static final Duration ALL = Duration.ofMinutes(19);

    private final Path samples = Programs.FOLDER.resolve("samples.tsv");
    private final Path earlier = Programs.FOLDER.resolve("samples.previous.tsv");
    private final PrintStream out;

    @SuppressWarnings("SystemOut")
    private Bench() {
        out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    }

    /** Ends with an exception if a benchmark could not be run; a goal that is missed is no failure. */
    public static void main(String[] args) throws Exception {
        List<String> arguments = List.of(args);
        new Bench().run(arguments.get(0), Set.copyOf(arguments.subList(1, arguments.size())));
    }

    private void run(String source, Set<String> ids) throws Exception {
        long start = System.nanoTime();
        List<Benchmark> wanted = Benchmark.of(ids);
        Files.createDirectories(Programs.FOLDER);
        Programs.run(
                Programs.FOLDER, Map.of(), List.of("cc", "-O2", "-Wall", "-Wextra", "-o", "kernel", source, "-lrt"));
        if (Files.exists(samples)) {
            Files.move(samples, earlier, StandardCopyOption.REPLACE_EXISTING);
        }
        boolean complete = true;
        Budget budget = new Budget(ALL, System::nanoTime);
        int passes = wanted.stream().mapToInt(Benchmark::passes).max().orElse(0);
        for (int pass = 1; pass <= passes; pass++) {
            for (Benchmark benchmark : wanted) {
                if (pass > benchmark.passes()) {
                    continue;
                }
                String which = pass + " of " + benchmark.passes();
                if (budget.hasTimeFor(benchmark.id())) {
                    out.println(benchmark.id() + " (" + which + ") – " + benchmark.work());
                    long began = System.nanoTime();
                    complete &= fork(benchmark);
                    budget.spent(benchmark.id(), began);
                } else {
                    note(
                            benchmark,
                            "pass " + which + " is left out: with it, all would take more than " + ALL.toMinutes()
                                    + " minutes on this machine");
                }
            }
        }
        write(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
        if (!complete) {
            throw new IllegalStateException("not all benchmarks could be run; see above");
        }
    }

    private boolean fork(Benchmark benchmark) throws Exception {
        List<String> command = Programs.java(Fork.class, benchmark.id(), samples.toString());
        command.add(1, "-Dbench.mavenHome=" + System.getProperty("bench.mavenHome"));
        ProcessBuilder builder = new ProcessBuilder(Namespaces.in(isRoot(), command)).redirectErrorStream(true);
        builder.environment().remove("SHMKIT_SESSION");
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<LastWords> output = CompletableFuture.supplyAsync(() -> LastWords.of(process, out));
        if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            note(
                    benchmark,
                    "ended after " + LIMIT_MINUTES + " minutes, unfinished"
                            + output.get().text());
        } else if (process.exitValue() != 0) {
            note(benchmark, "failed with " + process.exitValue() + output.get().text());
        }
        return process.exitValue() == 0;
    }

    private void note(Benchmark benchmark, String text) {
        new Contest(benchmark.id(), benchmark.passes(), samples).note(text);
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    private void write(long seconds) throws IOException {
        Results results = Results.read(samples);
        List<String> comparison = results.comparedWith(Results.read(earlier));
        Map<String, String> machine = machine(seconds);
        Files.writeString(Programs.FOLDER.resolve("results.json"), Json.of(results.json(machine)));
        Path page = Programs.FOLDER.resolve("index.html");
        Files.writeString(page, Page.of(results, Benchmark.all(), machine, comparison));
        Text.table(results).forEach(out::println);
        results.notes().forEach(out::println);
        comparison.forEach(out::println);
        out.println(results.goalsMet() + " of " + results.goals() + " goals met, in " + seconds + " s; see " + page);
    }

    private static Map<String, String> machine(long seconds) throws IOException {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("java", Runtime.version().toString());
        machine.put("kernel", System.getProperty("os.version", ""));
        machine.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        machine.put("model", model());
        machine.put("ended", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        machine.put("seconds", Long.toString(seconds));
        return machine;
    }

    private static String model() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch", ""));
        }
    }
}
