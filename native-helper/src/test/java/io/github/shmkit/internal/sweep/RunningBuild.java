package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.session.SessionSecret;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that runs {@link BuildHolder}. */
public record RunningBuild(Process process, BufferedReader out, String session, long watchdog)
        implements AutoCloseable {
    private static final int CAP_SYS_ADMIN = 21;

    public static RunningBuild start(List<String> prefix, String command) throws IOException {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                BuildHolder.class.getName(),
                command));
        ProcessBuilder builder = new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().remove(SessionSecret.VARIABLE);
        Process process = builder.start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String[] told = out.readLine().split(" ", -1);
        assertThat(out.readLine()).isEqualTo("ran");
        return new RunningBuild(process, out, told[0], Long.parseLong(told[1]));
    }

    public List<String> tell(String word) throws Exception {
        process.getOutputStream().write(word.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        List<String> said = out.lines().toList();
        assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
        return said;
    }

    /** Kills it, and the watchdog before it. */
    public void kill() throws InterruptedException {
        ProcessHandle dog = ProcessHandle.of(watchdog).orElseThrow();
        dog.destroyForcibly();
        await().until(() -> !dog.isAlive());
        process.destroyForcibly().waitFor();
    }

    /** Skips unless fanotify tells pids, as it does to root since that release. */
    public static void assumeThatTheKernelTellsCreators(int major, int minor) throws IOException {
        String[] release = System.getProperty("os.version").split("\\D+", -1);
        int version = Integer.parseInt(release[0]) * 1000 + Integer.parseInt(release[1]);
        boolean root = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 1L << CAP_SYS_ADMIN) != 0);
        assumeTrue(
                root && version >= major * 1000 + minor,
                "needs root and Linux " + major + "." + minor + ": fanotify tells pids to nobody else");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
