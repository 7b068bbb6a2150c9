package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Programs in C that tests run under the tracer. */
final class Compiled {
    private Compiled() {}

    /** Skips where nothing can be traced. */
    static void assumeTraced() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the tracer is for x86-64");
    }

    /** Compiles a source, with its lines; returns the program's path. Skips where it cannot be traced or compiled. */
    static String compile(Path source, Path program) throws IOException, InterruptedException {
        assumeTraced();
        assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v gcc").start().waitFor() == 0,
                "gcc is not installed, which compiles a program of this test");
        Process gcc = new ProcessBuilder(
                        "gcc", "-D_GNU_SOURCE", "-O2", "-g", "-pthread", source.toString(), "-o", program.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(gcc.waitFor()).as(said).isZero();
        return program.toString();
    }
}
