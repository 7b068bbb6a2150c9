package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A compiler of C or C++.
 *
 * @param command the program, and what always follows it
 * @param variable the environment variable that names another
 */
public record Compiler(List<String> command, String variable) {
    private static final String HEADER = "/META-INF/include/shmkit.h";

    /** For a source, by the end of its name. */
    public static Compiler of(Path source) {
        return source.toString().endsWith(".c") ? named("CC", "cc") : named("CXX", "c++");
    }

    private static Compiler named(String variable, String usual) {
        String other = System.getenv().getOrDefault(variable, "").trim();
        return new Compiler(List.of((other.isEmpty() ? usual : other).split("\\s+", -1)), variable);
    }

    /**
     * Compiles one program.
     *
     * @param folder is created
     * @return the program
     */
    public Path compile(Path folder, Path source, List<String> options) {
        String file = source.getFileName().toString();
        int ending = file.lastIndexOf('.');
        if (ending <= 0) {
            throw new IllegalArgumentException("'" + source + "' is no source: its name has no ending like .c or .cpp");
        }
        if (!Files.isRegularFile(source)) {
            throw new ShmException("there is no file " + source.toAbsolutePath() + " to compile");
        }
        Path program = folder.resolve(file.substring(0, ending));
        try {
            Files.createDirectories(folder);
            copyHeader(folder.resolve("shmkit.h"));
            List<String> all = new ArrayList<>(command);
            all.addAll(List.of("-I", folder.toString(), "-o", program.toString(), source.toString()));
            all.addAll(options);
            run(all, source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return program;
    }

    private static void copyHeader(Path to) throws IOException {
        try (InputStream header = Segment.class.getResourceAsStream(HEADER)) {
            if (header == null) {
                throw new ShmException("this build of shm-native-helper has no " + HEADER);
            }
            Files.copy(header, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void run(List<String> all, Path source) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(all).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new ShmException(
                    "cannot compile " + source + ": there is no program '" + command.get(0)
                            + "'; install a compiler (apt-get install gcc g++ libc6-dev), or name one by the environment "
                            + "variable " + variable,
                    e);
        }
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new ShmException(String.join(" ", all) + " failed:\n" + said.strip());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while " + source + " was compiled", e);
        }
    }
}
