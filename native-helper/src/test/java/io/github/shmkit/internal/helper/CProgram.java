package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.os.Compilers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of src/test/c, compiled with shmkit.h as strictly as any user may. */
final class CProgram {
    private CProgram() {}

    static Path compile(Path directory, String source, String... compiler) throws IOException, InterruptedException {
        Compilers.assumeInstalled(compiler[0]);
        Path program = directory.resolve(source.replace(".c", "") + "-" + String.join("", compiler));
        List<String> command = new ArrayList<>(List.of(compiler));
        command.addAll(List.of(
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-pedantic",
                "-Isrc/main/include",
                "-x",
                compiler[0].contains("+") ? "c++" : "c",
                "src/test/c/" + source,
                "-o",
                program.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + ": " + said);
        }
        return program;
    }
}
