package io.github.shmkit.bench;

import java.nio.file.Path;

/** The JVM of one benchmark. */
final class Fork {
    private Fork() {}

    /** Arguments: the benchmark's id, and the file for the samples. */
    public static void main(String[] args) throws Exception {
        Benchmark benchmark = Benchmark.all().stream()
                .filter(b -> b.id().equals(args[0]))
                .findFirst()
                .orElseThrow();
        benchmark.run(new Contest(benchmark.id(), benchmark.passes(), Path.of(args[1])));
    }
}
