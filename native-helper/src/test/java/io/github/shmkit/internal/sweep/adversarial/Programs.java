package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.os.Compilers;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs that tests run to their end. */
final class Programs {
    private Programs() {}

    /** What it printed; fails unless it succeeds. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", command) + " ended with " + process.exitValue() + ": " + output);
        }
        return output;
    }

    static boolean succeeds(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The program that src/test/c has under this name; other users may run it too. It goes with this JVM. */
    static String compiled(String name) throws IOException {
        Compilers.assumeInstalled("cc");
        Path dir = Files.createTempDirectory("shmkit-" + name);
        Path binary = dir.resolve(name);
        try {
            Process cc = new ProcessBuilder(
                            "cc",
                            "-std=c11",
                            "-D_GNU_SOURCE",
                            "-O1",
                            "-Wall",
                            "-Wextra",
                            "-Werror",
                            "-o",
                            binary.toString(),
                            "src/test/c/" + name + ".c")
                    .inheritIO()
                    .start();
            assertThat(cc.waitFor()).isZero();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(dir.toFile().setExecutable(true, false)).isTrue();
        assertThat(dir.toFile().setReadable(true, false)).isTrue();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            assertThat(binary.toFile().delete()).isTrue();
            assertThat(dir.toFile().delete()).isTrue();
        }));
        return binary.toString();
    }

    /** A number in /proc/sys, which gives only its first digit to {@link Files#readString}: that reads one byte at first. */
    static long setting(Path path) throws IOException {
        try (InputStream in = new FileInputStream(path.toFile())) {
            return Long.parseLong(new String(in.readNBytes(64), StandardCharsets.US_ASCII).trim());
        }
    }

    /** Skips unless namespaces of these kinds can be made, for example "--pid". */
    static void assumeUnshare(String... kinds) {
        List<String> command = new ArrayList<>(List.of("unshare"));
        command.addAll(List.of(kinds));
        command.add("true");
        assumeTrue(
                succeeds(command.toArray(String[]::new)),
                () -> "needs `" + String.join(" ", command) + "` (util-linux, and root or user namespaces)");
    }

    /** Skips unless this process can be another user. */
    static void assumeOtherUser(int uid) {
        assumeTrue(
                succeeds("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", "true"),
                () -> "needs root, to run a program as uid " + uid + " by setpriv");
    }

    static String[] asUser(int uid, String... command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    /** What runs a program as root whom the modes of files bind as they do others. */
    static List<String> boundByModes() {
        List<String> wrapper = List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search");
        List<String> trial = new ArrayList<>(wrapper);
        trial.add("true");
        assumeTrue(succeeds(trial.toArray(String[]::new)), "needs root, to give up CAP_DAC_OVERRIDE by setpriv(1)");
        return wrapper;
    }

    /** What runs a program in IPC and mount namespaces of its own, with a /dev that a script made in $new. */
    static List<String> inOtherDev(String makeShm) {
        String script = "set -e; new=$(mktemp -d); mount -t tmpfs -o mode=755 dev $new\n"
                + "for d in null zero urandom random; do touch $new/$d; mount --bind /dev/$d $new/$d; done\n"
                + "ln -s /proc/self/fd $new/fd; " + makeShm + "\n"
                + "mount --move $new /dev; rmdir $new; exec \"$@\"";
        return List.of("unshare", "--mount", "--ipc", "sh", "-c", script, "sh");
    }

    /** Another JVM that runs {@link SweepMain}, by way of other programs or not; what it printed. */
    static String java(List<String> wrapper, String... args) throws IOException, InterruptedException {
        return run(javaCommand(wrapper, args).toArray(String[]::new));
    }

    static List<String> javaCommand(List<String> wrapper, String... args) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                SweepMain.class.getName()));
        command.addAll(List.of(args));
        return command;
    }
}
