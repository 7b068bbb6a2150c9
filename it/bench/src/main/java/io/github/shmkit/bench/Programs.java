package io.github.shmkit.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Other programs that measure or are measured. */
final class Programs {
    /** The folder of this run. */
    static final Path FOLDER = Path.of(System.getProperty("bench.folder", "target/bench"));

    private static final String HELPER = "/META-INF/native/linux-"
            + (System.getProperty("os.arch", "").equals("aarch64") ? "aarch64" : "x86_64") + "/shm-helper";

    private Programs() {}

    /** kernel.c, compiled by this run. */
    static List<String> kernel(Object... arguments) {
        List<String> command = new ArrayList<>(List.of(FOLDER.resolve("kernel").toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /** A figure that kernel.c prints. */
    static Arm kernelFigure(Object... arguments) {
        return () -> Double.parseDouble(output(kernel(arguments)));
    }

    static List<String> java(Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                executable(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dbench.folder=" + FOLDER,
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    static String executable() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** What it prints, without white space around it. */
    static String output(List<String> command) throws IOException, InterruptedException, MissingException {
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new MissingException(e.getMessage() + "");
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new MissingException(error.isEmpty() ? command.get(0) + " ended with " + process.exitValue() : error);
        }
        return output;
    }

    /** Runs it to its end, which must be a good one. */
    static void run(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path log = FOLDER.resolve("last-command.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        if (builder.start().waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + Files.readString(log));
        }
    }

    /** The native helper's program as a file. */
    static Path helper() throws IOException {
        Path program = FOLDER.resolve("shm-helper");
        if (!Files.exists(program)) {
            try (InputStream in = Programs.class.getResourceAsStream(HELPER)) {
                if (in == null) {
                    throw new IOException("there is no " + HELPER + " on the class path");
                }
                Files.copy(in, program);
                Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
            }
        }
        return program;
    }
}
