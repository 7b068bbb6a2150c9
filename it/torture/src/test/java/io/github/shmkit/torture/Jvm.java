package io.github.shmkit.torture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Other JVMs that run something of this class path. */
final class Jvm {
    private Jvm() {}

    /** Where they complain. */
    static final Path ERRORS = Path.of("target", "victims.log");

    /** With a session's secret in its environment; an empty one for none. */
    static Process start(String secret, Class<?> main, String... args) throws IOException {
        return command(secret, main, args)
                .redirectError(ProcessBuilder.Redirect.appendTo(ERRORS.toFile()))
                .start();
    }

    static ProcessBuilder command(String secret, Class<?> main, String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("SHMKIT_SESSION");
        if (!secret.isEmpty()) {
            builder.environment().put("SHMKIT_SESSION", secret);
        }
        return builder;
    }

    /** For a victim: where its standard input ends, its executioner was killed himself. */
    static void endWithParent() {
        Thread thread = new Thread(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // It cannot be there any more either.
            }
            Runtime.getRuntime().halt(1);
        });
        thread.setDaemon(true);
        thread.start();
    }
}
