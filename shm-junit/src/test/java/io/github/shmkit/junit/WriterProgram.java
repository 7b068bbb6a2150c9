package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program of the tracer's own tests, for those that crash it: compiled once for all of them. */
final class WriterProgram {
    private static String compiled = "";

    private WriterProgram() {}

    /** Skips where nothing can be traced. */
    static void assumeTraced() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the tracer is for x86-64");
    }

    /** Its path; skips where it cannot be traced or compiled. */
    static synchronized String path() throws IOException, InterruptedException {
        assumeTraced();
        assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v gcc").start().waitFor() == 0,
                "gcc is not installed, which compiles a program of this test");
        if (compiled.isEmpty()) {
            compiled = compile();
        }
        return compiled;
    }

    private static String compile() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("shmkit-writer");
        folder.toFile().deleteOnExit();
        Path program = folder.resolve("writer");
        program.toFile().deleteOnExit(); // before the folder: last registered, first deleted
        Process gcc = new ProcessBuilder(
                        "gcc",
                        "-D_GNU_SOURCE",
                        "-O2",
                        "-g",
                        "-pthread",
                        "../native-helper/src/test/c/trace_program.c",
                        "-o",
                        program.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(gcc.waitFor()).as(said).isZero();
        return program.toString();
    }
}
