package io.github.shmkit.maven.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionSecret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The goal {@code shm:exec}. */
public final class Exec {
    private Exec() {}

    /**
     * How a command ended.
     *
     * @param leaks why it fails even if it ended well, in one line; empty for none
     */
    public record Result(int exitCode, Optional<String> leaks) {}

    /**
     * Runs it to its end, and cleans up after it.
     *
     * @throws BadInputException if there is no command
     */
    public static Result run(
            String command,
            Path folder,
            Hermetic.Mode isolate,
            Selection selection,
            int maxLeaks,
            boolean commandLines,
            ReportFiles files,
            Console console)
            throws BadInputException {
        if (command.isBlank()) {
            throw new BadInputException("shm.command: there is no command; give -Dshm.command='make check'");
        }
        Attribution.require(selection.attribute());
        SessionSecret secret = SessionSecret.random();
        SessionId id = secret.id();
        BuildGuard guard = new BuildGuard(id, console, selection);
        Hermetic hermetic = new Hermetic(id, isolate, console);
        List<String> line = hermetic.command(hermeticFolder(files), List.of("/bin/sh", "-c", command), List.of(folder));
        guard.begin();
        guard.beforeCommand();
        int exitCode;
        try {
            exitCode = run(line, folder, secret);
            guard.wasLeft(hermetic.collect(hermeticFolder(files)));
        } finally {
            guard.end();
        }
        Check.Request request = new Check.Request(
                selection,
                id.text(),
                Optional.empty(),
                Duration.ZERO,
                maxLeaks,
                commandLines,
                f -> "",
                List.of(),
                files,
                guard.attribution());
        return new Result(exitCode, Check.atEnd(request, guard.left(), guard.notes(), console));
    }

    private static Path hermeticFolder(ReportFiles files) {
        return files.folder().resolve("hermetic");
    }

    private static int run(List<String> command, Path folder, SessionSecret secret) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).inheritIO();
        builder.environment().put(SessionSecret.VARIABLE, secret.text());
        try {
            Process process = builder.start();
            try {
                return process.waitFor();
            } catch (InterruptedException e) {
                process.destroy();
                Thread.currentThread().interrupt();
                throw new ShmException("interrupted while the command ran, which was ended", e);
            }
        } catch (IOException e) {
            throw new ShmException("cannot start a shell for the command: " + e.getMessage(), e);
        }
    }
}
