package io.github.shmkit.programs;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Compiles what is to be compiled, and finds what is to be installed. */
final class Programs {
    private Programs() {}

    static void requireTracer() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the tracer is for x86-64");
    }

    /** A program of src/test/c; skips the test if the header is not installed. */
    static Path compile(Path folder, String compiler, String source, String header, String... libraries)
            throws IOException, InterruptedException {
        requireTracer();
        assumeTrue(Files.exists(Path.of("/usr/include", header)), header + " is not installed");
        Path program = folder.resolve(source.substring(0, source.indexOf('.')));
        List<String> command = Stream.concat(
                        Stream.of(compiler, "-O2", "-o", program.toString(), "src/test/c/" + source),
                        Arrays.stream(libraries))
                .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + ": " + said);
        }
        return program;
    }

    static void requireInstalled(String program) {
        requireTracer();
        boolean there = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!there) {
            abort(program + " is not installed");
        }
    }

    static void run(CommandHelper.Builder program) {
        CommandHelper helper = program.start();
        Exit exit = helper.awaitExit();
        if (!exit.isSuccess()) {
            throw new AssertionError(
                    helper + " " + exit + ": " + helper.stderr().text());
        }
    }
}
