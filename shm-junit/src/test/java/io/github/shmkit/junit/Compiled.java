package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Programs in C that tests run. */
final class Compiled {
    private Compiled() {}

    /** Compiles a source of the test resources; returns the path of the program. */
    static String c(Path folder, String source) throws IOException, InterruptedException {
        return compile(folder, Path.of("src/test/resources", source));
    }

    static String compile(Path folder, Path source) throws IOException, InterruptedException {
        assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v gcc").start().waitFor() == 0,
                "gcc is not installed, which compiles a program of this test");
        String name = source.getFileName().toString();
        String compiled =
                folder.resolve(name.substring(0, name.lastIndexOf('.'))).toString();
        Process process = new ProcessBuilder(
                        "gcc", "-D_GNU_SOURCE", "-O2", "-g", "-pthread", source.toString(), "-o", compiled)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return compiled;
    }
}
