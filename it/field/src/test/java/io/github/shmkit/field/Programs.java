package io.github.shmkit.field;

import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compiles programs of src/test/c, and runs what has to be done before. */
final class Programs {
    private Programs() {}

    /** A path, for a command. */
    static String compile(Path folder, String source, String... libraries) throws IOException, InterruptedException {
        Path program = folder.resolve(source.substring(0, source.indexOf('.')));
        List<String> command = new ArrayList<>(List.of(
                source.endsWith(".cpp") ? "g++" : "gcc",
                "-O2",
                "-g",
                "-o",
                program.toString(),
                "src/test/c/" + source));
        command.addAll(List.of(libraries));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + ": " + said);
        }
        return program.toString();
    }

    /** What it has written to its standard output. */
    static String run(CommandHelper.Builder program) {
        CommandHelper helper = program.start();
        helper.expectExit(ExitPredicate.any()); // it is told here
        Exit exit = helper.awaitExit();
        if (!exit.isSuccess()) {
            throw new AssertionError(
                    helper + " " + exit + ": " + helper.stderr().text());
        }
        return helper.stdout().text();
    }
}
