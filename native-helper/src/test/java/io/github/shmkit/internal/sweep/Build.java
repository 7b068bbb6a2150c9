package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.session.SessionId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link BuildHolder} in a JVM of its own, which has run its command. */
public record Build(Process process, BufferedReader out, String session, long watchdog) implements AutoCloseable {
    public static Build start(List<String> prefix, String command) throws IOException {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                BuildHolder.class.getName(),
                command));
        ProcessBuilder builder = new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().remove(SessionId.VARIABLE);
        Process process = builder.start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String[] told = out.readLine().split(" ", -1);
        assertThat(out.readLine()).isEqualTo("ran");
        return new Build(process, out, told[0], Long.parseLong(told[1]));
    }

    public List<String> tell(String word) throws Exception {
        process.getOutputStream().write(word.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        List<String> said = out.lines().toList();
        assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
        return said;
    }

    /** With its watchdog. */
    public void kill() throws InterruptedException {
        ProcessHandle dog = ProcessHandle.of(watchdog).orElseThrow();
        dog.destroyForcibly();
        await().until(() -> !dog.isAlive());
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
