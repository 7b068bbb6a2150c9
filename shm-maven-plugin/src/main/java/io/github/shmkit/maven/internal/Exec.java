package io.github.shmkit.maven.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.session.SessionId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
            Selection selection,
            int maxLeaks,
            boolean commandLines,
            ReportFiles files,
            Console console)
            throws BadInputException {
        if (command.isBlank()) {
            throw new BadInputException("shm.command: there is no command; give -Dshm.command='make check'");
        }
        SessionId id = SessionId.random();
        BuildGuard guard = new BuildGuard(id, console, selection);
        guard.begin();
        guard.beforeCommand();
        int exitCode;
        try {
            exitCode = run(command, folder, id);
        } finally {
            guard.end();
        }
        Check.Request request = new Check.Request(
                selection, id.text(), Optional.empty(), Duration.ZERO, maxLeaks, commandLines, f -> "", files);
        return new Result(exitCode, Check.atEnd(request, guard.left(), console));
    }

    private static int run(String command, Path folder, SessionId id) {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command)
                .directory(folder.toFile())
                .inheritIO();
        builder.environment().put(SessionId.VARIABLE, id.text());
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
