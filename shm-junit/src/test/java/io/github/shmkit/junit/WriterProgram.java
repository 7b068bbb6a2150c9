package io.github.shmkit.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program of the tracer's own tests, for those that crash it: compiled once for all of them. */
final class WriterProgram {
    private static String compiled = "";

    private WriterProgram() {}

    /** Its path; skips where it cannot be traced or compiled. */
    static synchronized String path() throws IOException, InterruptedException {
        if (compiled.isEmpty()) {
            Path folder = Files.createTempDirectory("shmkit-writer");
            folder.toFile().deleteOnExit();
            Path program = folder.resolve("writer");
            program.toFile().deleteOnExit(); // before the folder: last registered, first deleted
            compiled = Compiled.compile(Path.of("../native-helper/src/test/c/trace_program.c"), program);
        }
        return compiled;
    }
}
