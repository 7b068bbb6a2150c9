package io.github.shmkit.maven.internal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where reports go.
 *
 * @param folder of the files
 * @param formats that are wanted
 * @param metrics the file for numbers; empty for none
 * @param environment of this process, in which a CI system tells of itself
 */
public record ReportFiles(Path folder, Set<Format> formats, Optional<Path> metrics, Map<String, String> environment) {
    /** Writes them all; one that cannot be written is a warning, and the others are. */
    void write(LeakReport report, Console console) {
        for (Format format : formats) {
            if (!format.file().isEmpty()) {
                Path file = folder.resolve(format.file());
                attempt(file, console, () -> replace(file, format.render(report)));
            }
        }
        metrics.ifPresent(file -> attempt(file, console, () -> replace(file, Metrics.of(report))));
        if ("true".equals(environment.get("GITHUB_ACTIONS"))) {
            print(GithubActions.annotations(report));
            String summary = environment.getOrDefault("GITHUB_STEP_SUMMARY", "");
            if (!summary.isEmpty()) {
                Path file = Path.of(summary);
                attempt(
                        file,
                        console,
                        () -> Files.writeString(
                                file,
                                GithubActions.summary(report),
                                StandardCharsets.UTF_8,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.APPEND));
            }
        }
    }

    /** Writes one file; if that is not possible, a warning says so. */
    static void write(Path file, String content, Console console) {
        attempt(file, console, () -> replace(file, content));
    }

    private interface Writing {
        void run() throws IOException;
    }

    private static void attempt(Path file, Console console, Writing writing) {
        try {
            writing.run();
        } catch (IOException | UncheckedIOException | SecurityException e) {
            console.warn("cannot write " + Printable.text(file.toString()) + ": " + Printable.text(OwnFolder.reason(e))
                    + "; make it writable, or set shm.reports or shm.metricsFile to another place");
        }
    }

    private static void replace(Path file, String content) throws IOException {
        try (OwnFolder folder = OwnFolder.create(OwnFolder.of(file))) {
            folder.replace(file.getFileName(), content);
        }
    }

    /** Past Maven's log, whose "[ERROR]" before them would make them mere text. */
    private static void print(List<String> commands) {
        if (commands.isEmpty()) {
            return;
        }
        // Not closed: it is everybody's.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        try {
            out.write((String.join("\n", commands) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            // Nobody listens.
        }
    }
}
