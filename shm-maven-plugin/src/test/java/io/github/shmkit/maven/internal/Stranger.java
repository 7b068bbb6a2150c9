package io.github.shmkit.maven.internal;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Another user of this machine; only root can be one. */
final class Stranger {
    static final int UID = 65534;
    private static final List<String> AS_STRANGER =
            List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups");

    private Stranger() {}

    static void assumePossible() throws Exception {
        assumeTrue(run("true") == 0, "needs root, to run a program as uid " + UID + " by setpriv");
    }

    /** A folder that the stranger can see, in one that only JUnit deletes. */
    static Path visible(Path folder) throws IOException {
        return mode(folder, "rwxr-xr-x");
    }

    static Path mode(Path file, String permissions) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    /** A folder of the stranger's, below one that is ours. */
    static Path folder(Path parent, String name) throws Exception {
        Path own = Files.createDirectory(visible(parent).resolve(name));
        Files.setAttribute(own, "unix:uid", UID);
        return own;
    }

    /** Runs a script as the stranger, with its arguments from $1 on. */
    static int run(String script, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(AS_STRANGER);
        command.addAll(List.of("sh", "-c", script, "sh"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor();
    }
}
