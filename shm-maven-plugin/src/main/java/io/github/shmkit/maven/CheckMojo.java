package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Check;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Format;
import io.github.shmkit.maven.internal.ReportFiles;
import io.github.shmkit.maven.internal.Selection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Fails the build if it left shared memory or other IPC objects behind, and says which, and who made them. Removes
 * nothing. With a baseline, for steps of a CI job that are no Maven build, what is new since then counts; without one
 * and outside a guarded build, what dead sessions left.
 */
@Mojo(name = "check", defaultPhase = LifecyclePhase.VERIFY, requiresProject = false, threadSafe = true)
public final class CheckMojo extends AbstractShmMojo {
    /** Whether a leak makes the build fail. If not, it is a warning. */
    @Parameter(property = "shm.failOnLeak", defaultValue = "true")
    private boolean failOnLeak;

    /** How many leaked objects are accepted; 0 for none. */
    @Parameter(property = "shm.maxLeaks", defaultValue = "0")
    private int maxLeaks;

    /** How long what is about to go may take, in milliseconds; 0 for no time at all. */
    @Parameter(property = "shm.settleMillis", defaultValue = "2000")
    private int settleMillis;

    /**
     * A file that shm:snapshot wrote, of this boot and host: what is new since then counts. The session's own list of what
     * was there before, unless given.
     */
    @Parameter(property = "shm.baseline", defaultValue = "")
    private String baseline = "";

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
        Check.notNegative("shm.settleMillis", settleMillis);
        Optional<GuardedBuild.Handle> build = GuardedBuild.of(session());
        Optional<Path> since = UserSettings.path(session(), baseline);
        boolean sideBySide = session().getRequest().getDegreeOfConcurrency() > 1
                && session().getProjects().size() > 1;
        if (build.isPresent() && sideBySide && since.isEmpty()) {
            if (failOnLeak) {
                build.get().checkAtEnd(maxLeaks);
            }
            console.info("modules are built side by side: what they left is checked at the end of the build");
            return List.of();
        }
        Optional<String> failure = Check.run(
                new Check.Request(
                        selection,
                        build.map(GuardedBuild.Handle::session).orElse(""),
                        since,
                        Duration.ofMillis(settleMillis),
                        maxLeaks,
                        commandLines,
                        finding -> build.map(guarded -> guarded.during(finding)).orElse(""),
                        build.map(GuardedBuild.Handle::isolated).orElse(List.of()),
                        new ReportFiles(
                                UserSettings.reports(session(), session().getCurrentProject(), reports),
                                Format.ofCheck(format),
                                UserSettings.path(session(), metricsFile),
                                System.getenv()),
                        ""),
                console);
        build.ifPresent(GuardedBuild.Handle::setChecked);
        if (failure.isPresent() && failOnLeak) {
            throw new MojoFailureException(failure.get());
        }
        failure.ifPresent(console::warn);
        return List.of();
    }
}
