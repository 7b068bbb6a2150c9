package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.session.SessionSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The end of a JVM with options of its own, started without shmkit. */
record OtherJvm(int status, String output) {
    static OtherJvm run(Path javaHome, List<String> arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(javaHome.resolve("bin").resolve("java").toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove(SessionSecret.VARIABLE);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new OtherJvm(process.waitFor(), output);
    }

    /** A main class of these tests, on the Java and the class path of these tests. */
    static OtherJvm run(Class<?> program, String... options) throws IOException, InterruptedException {
        return run(System.getProperty("java.class.path"), program, options);
    }

    static OtherJvm run(String classPath, Class<?> program, String... options)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath, program.getName()));
        return run(Path.of(System.getProperty("java.home")), arguments);
    }
}
