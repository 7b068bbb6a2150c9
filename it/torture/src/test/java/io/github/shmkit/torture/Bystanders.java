package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Two other programs: one keeps objects of every kind, one makes, uses and removes them; see the heads of their sources. */
final class Bystanders implements AutoCloseable {
    private final Process keeper;
    private final BufferedReader keeperSays;
    private final Process neighbour;
    private final BufferedReader neighbourSays;
    private final int kept;

    Bystanders(Path folder) throws IOException, InterruptedException {
        Path files = Files.createDirectory(folder.resolve("bystanders"));
        keeper = start(compile("../builds/src/test/c/bystander.c", folder), files);
        keeperSays = keeper.inputReader(StandardCharsets.UTF_8);
        neighbour = start(compile("src/test/c/neighbour.c", folder), files);
        neighbourSays = neighbour.inputReader(StandardCharsets.UTF_8);
        String ready = String.valueOf(keeperSays.readLine());
        assertThat(ready).startsWith("READY ");
        kept = Integer.parseInt(ready.substring("READY ".length()));
    }

    private static Path compile(String source, Path folder) throws IOException, InterruptedException {
        Path program = folder.resolve(Path.of(source).getFileName().toString().replaceFirst("\\.c$", ""));
        Process cc = new ProcessBuilder(
                        List.of("cc", "-D_GNU_SOURCE", "-pthread", "-o", program.toString(), source, "-lrt"))
                .inheritIO()
                .start();
        assertThat(cc.waitFor()).isZero();
        return program;
    }

    private static Process start(Path program, Path folder) throws IOException {
        return new ProcessBuilder(program.toString(), folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    int kept() {
        return kept;
    }

    /** Fails with what they say if anything of theirs was touched. */
    void assertUntouched() throws IOException {
        keeper.getOutputStream().write('\n');
        keeper.getOutputStream().flush();
        assertThat(keeperSays.readLine()).startsWith("UNTOUCHED ");
        assertThat(neighbour.isAlive())
                .as(() -> neighbour.isAlive() ? "" : "neighbour: " + lastWords())
                .isTrue();
    }

    private String lastWords() {
        try {
            return String.valueOf(neighbourSays.readLine());
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Ends them in good order; how many times the neighbour made one of each kind. */
    int end() throws IOException, InterruptedException {
        assertUntouched();
        keeper.getOutputStream().close();
        assertThat(keeper.waitFor()).isZero();
        neighbour.getOutputStream().close();
        String last = lastWords();
        assertThat(last).startsWith("ROUNDS ");
        return Integer.parseInt(last.substring("ROUNDS ".length()));
    }

    @Override
    public void close() {
        keeper.destroyForcibly();
        neighbour.destroyForcibly();
    }
}
