package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Check;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Exec;
import io.github.shmkit.maven.internal.Format;
import io.github.shmkit.maven.internal.Hermetic;
import io.github.shmkit.maven.internal.ReportFiles;
import io.github.shmkit.maven.internal.Selection;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Runs a command, {@code make check} for example, as a build is run that is guarded: what its processes leave is
 * removed when it has ended, however it ends. Fails if the command does, or if it left anything.
 */
@Mojo(name = "exec", requiresProject = false, threadSafe = true)
public final class ExecMojo extends AbstractShmMojo {
    /** The command line, for a shell. */
    @Parameter(property = "shm.command", defaultValue = "")
    private String command = "";

    /** Whether a leak makes the goal fail. If not, it is a warning. */
    @Parameter(property = "shm.failOnLeak", defaultValue = "true")
    private boolean failOnLeak;

    /** How many leaked objects are accepted; 0 for none. */
    @Parameter(property = "shm.maxLeaks", defaultValue = "0")
    private int maxLeaks;

    /**
     * The forms of the report, separated by commas: text for lines in the log, which are always there, and html and junit
     * for the files leaks.html and TEST-shmkit.xml. The file leaks.json is always written.
     */
    @Parameter(property = "shm.format", defaultValue = "text")
    private List<String> format = List.of("text");

    /** The folder of the reports; target/shmkit, unless given. */
    @Parameter(property = "shm.reports", defaultValue = "")
    private String reports = "";

    /** A file for numbers, in the form of OpenMetrics; none, unless given. */
    @Parameter(property = "shm.metricsFile", defaultValue = "")
    private String metricsFile = "";

    /** Whether reports have whole command lines, which may contain secrets, or only programs. */
    @Parameter(property = "shm.commandLines", defaultValue = "false")
    private boolean commandLines;

    @Override
    List<String> run(Selection selection, Console console) throws BadInputException, MojoFailureException {
        Check.notNegative("shm.maxLeaks", maxLeaks);
        Path folder = Path.of(session().getExecutionRootDirectory());
        Exec.Result result = Exec.run(
                command == null ? "" : command,
                folder,
                Hermetic.Mode.parse(isolate()),
                selection,
                maxLeaks,
                commandLines,
                new ReportFiles(
                        UserSettings.reports(session(), session().getCurrentProject(), reports),
                        Format.ofCheck(format),
                        UserSettings.path(session(), metricsFile),
                        System.getenv()),
                new SessionParticipant.LoggerConsole());
        Optional<String> leaks = result.leaks();
        if (result.exitCode() != 0) {
            leaks.ifPresent(console::warn);
            throw new MojoFailureException("The command ended with exit code " + result.exitCode());
        }
        if (leaks.isPresent() && failOnLeak) {
            throw new MojoFailureException(leaks.get());
        }
        leaks.ifPresent(console::warn);
        return List.of();
    }
}
