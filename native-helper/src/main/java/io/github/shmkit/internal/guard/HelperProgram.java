package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The native program, ready to be started.
 *
 * <p>It is started from a sealed memfd by way of {@code /proc/PID/fd/N}: there is no file to extract, to swap or to find
 * on a file system that is mounted noexec. The system property {@code shmkit.helper.path} names another program.
 */
public final class HelperProgram {
    /** System property with the path of a program to use instead of the packed one. */
    public static final String PATH_PROPERTY = "shmkit.helper.path";

    private static @Nullable String memfdPath;

    private HelperProgram() {}

    /** Starts it in the given role; its standard input and output are pipes. */
    static NativeProcess start(String role, List<String> arguments) {
        List<String> command = command(role, arguments);
        try {
            return NativeProcess.start(command);
        } catch (IOException e) {
            throw new ShmException(
                    "cannot start the native helper " + command.get(0) + ": " + e.getMessage()
                            + "; if memfds may not be executed here (sysctl vm.memfd_noexec), set -D" + PATH_PROPERTY
                            + " to a copy of shm-helper on a file system that is not mounted noexec",
                    e);
        }
    }

    /** What runs it in the given role. */
    public static List<String> command(String role, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(path(), "shm-helper", role));
        command.addAll(arguments);
        return command;
    }

    /** What to execute; as long as this JVM lives. */
    public static synchronized String path() {
        String override = System.getProperty(PATH_PROPERTY, "");
        if (!override.isEmpty()) {
            return checked(Path.of(override));
        }
        if (memfdPath == null) {
            int fd = Os.sealedMemfd("shm-helper", packed(Platform.current()));
            memfdPath = ProcFs.self() + "/fd/" + fd;
        }
        return memfdPath;
    }

    /** Its bytes, for a copy. */
    static byte[] bytes() throws IOException {
        String override = System.getProperty(PATH_PROPERTY, "");
        return override.isEmpty()
                ? packed(Platform.current())
                : Files.readAllBytes(Path.of(checked(Path.of(override))));
    }

    private static String checked(Path program) {
        if (!Files.isRegularFile(program)) {
            throw new ShmException(
                    "there is no native helper at " + program + ", where the system property " + PATH_PROPERTY
                            + " says it is; correct the path, or leave the property away to use the packed one");
        }
        if (!Files.isExecutable(program)) {
            throw new ShmException("the native helper " + program + ", named by the system property " + PATH_PROPERTY
                    + ", is not executable: chmod +x it, or leave the property away to use the packed one");
        }
        return program.toAbsolutePath().toString();
    }

    /** The program for a platform, which this jar may lack. */
    static byte[] packed(String platform) {
        String resource = "/META-INF/native/" + platform + "/shm-helper";
        try (InputStream in = HelperProgram.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new ShmException("this build of shmkit has no native helper for " + platform
                        + "; build native-helper on such a machine, or set -D" + PATH_PROPERTY);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ShmException("cannot read the packed native helper " + resource + ": " + e.getMessage(), e);
        } catch (OsException e) {
            throw new ShmException("cannot prepare the native helper: " + e.getMessage(), e);
        }
    }

    /** Where we run. */
    public static final class Platform {
        private Platform() {}

        /**
         * The folder of this platform's program.
         *
         * @throws ShmException on a platform that shmkit does not support, saying which it supports
         */
        public static String current() {
            return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        }

        static String of(String os, String arch) {
            String cpu = switch (arch) {
                case "amd64", "x86_64" -> "x86_64";
                case "aarch64" -> "aarch64";
                default -> "";
            };
            if (!os.toLowerCase(Locale.ROOT).equals("linux") || cpu.isEmpty()) {
                throw new ShmException("shmkit supports Linux on x86-64 and aarch64; this is " + os + " on " + arch
                        + ": run these tests on such a machine, or disable them here with @EnabledOnOs");
            }
            return "linux-" + cpu;
        }
    }
}
