package scenario;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Kills with signal 9, after which a process does nothing more. */
final class Killer {
    private static final String MAVEN = "org.codehaus.plexus.classworlds.launcher.Launcher";

    private Killer() {}

    static long self() {
        return ProcessHandle.current().pid();
    }

    /** The supervisor of this JVM, which has its pid among its arguments. */
    static long supervisor() {
        return helper("supervise", Long.toString(self()));
    }

    /** The watchdog of this build, likewise. */
    static long watchdog() {
        return helper("watch", Long.toString(maven()));
    }

    private static long helper(String role, String watched) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    List<String> arguments = arguments(process);
                    return arguments.contains("shm-helper") && arguments.contains(role) && arguments.contains(watched);
                })
                .findAny()
                .orElseThrow(() -> new IllegalStateException("nobody plays " + role + " for process " + watched))
                .pid();
    }

    private static List<String> arguments(ProcessHandle process) {
        try {
            Path cmdline = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            return List.of(
                    Files.readString(cmdline, StandardCharsets.ISO_8859_1).split("\0"));
        } catch (IOException e) {
            return List.of(); // it ended meanwhile
        }
    }

    /** The Maven that started this JVM, not one that started that. */
    static long maven() {
        Optional<ProcessHandle> at = ProcessHandle.current().parent();
        while (at.isPresent()) {
            if (arguments(at.get()).contains(MAVEN)) {
                return at.get().pid();
            }
            at = at.get().parent();
        }
        throw new IllegalStateException("no Maven among the ancestors of process " + self());
    }

    /** In this order, at once. */
    static void kill(long... pids) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-9"));
        for (long pid : pids) {
            command.add(Long.toString(pid));
        }
        new ProcessBuilder("sh", "-c", String.join(" ", command))
                .inheritIO()
                .start()
                .waitFor();
        for (long pid : pids) {
            while (Files.exists(Path.of("/proc", Long.toString(pid)))) {
                Thread.sleep(1); // if that is ourselves, this is the end
            }
        }
    }
}
