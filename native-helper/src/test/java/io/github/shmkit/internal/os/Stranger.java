package io.github.shmkit.internal.os;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another user of the machine, as whom a test runs programs against this user's. */
public final class Stranger {
    public static final int UID = 65534;

    private static final List<String> BECOME = List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups");

    private Stranger() {}

    /** Skips unless this process may become another user, as root may. */
    public static void assumePossible() throws InterruptedException {
        boolean possible;
        try {
            possible = Os.euid() != UID && start(Map.of(), "true").waitFor() == 0;
        } catch (IOException e) {
            possible = false; // there is no setpriv
        }
        assumeTrue(possible, "needs root, to be another user by setpriv");
    }

    /** The command line that runs a program as that user. */
    public static List<String> command(String... command) {
        List<String> all = new ArrayList<>(BECOME);
        all.addAll(List.of(command));
        return all;
    }

    /** Starts a program as that user, with these variables besides ours. */
    public static Process start(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(command)).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    /**
     * A copy of a program with the set-user-ID bit: to the kernel it is this user's process, /proc/PID included, but that
     * user starts it and chooses its environment.
     */
    public static Path setUserId(Path program, Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path copy = folder.resolve("set-user-id");
        Files.copy(program.toRealPath(), copy, StandardCopyOption.COPY_ATTRIBUTES);
        Files.setAttribute(copy, "unix:mode", 04755);
        return copy;
    }

    /** Waits until that program runs and no longer setpriv; skips where the set-user-ID bit does not count. */
    public static void awaitSetUserId(Process process) {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        await().until(() -> Files.readString(proc.resolve("comm")).equals("set-user-id\n"));
        String status = contentOf(proc.resolve("status"));
        assumeTrue(
                status.contains("\nUid:\t" + UID + "\t" + Os.euid() + "\t"),
                "needs a temporary folder that is not mounted nosuid");
    }

    private static String contentOf(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a script of that user's printed; fails unless it succeeds. */
    public static String run(String script) throws IOException, InterruptedException {
        Process process = start(Map.of(), "sh", "-c", script);
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(script + " ended with " + process.exitValue() + ": " + output);
        }
        return output;
    }
}
