package io.github.shmkit.internal.os;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Compilers of C, which who builds with {@code -Dshmkit.prebuilt} may do without. */
public final class Compilers {
    private Compilers() {}

    /** Skips unless the program is on the PATH. */
    public static void assumeInstalled(String program) {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))),
                program
                        + " is not installed, which compiles a program of this test (apt-get install gcc g++ libc6-dev)");
    }
}
