package io.github.shmkit.maven;

import io.github.shmkit.ShmException;
import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Hermetic;
import io.github.shmkit.maven.internal.Printable;
import io.github.shmkit.maven.internal.Selection;
import io.github.shmkit.maven.internal.Support;
import io.github.shmkit.maven.internal.Terminal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;

/** What all goals have in common. */
abstract class AbstractShmMojo extends AbstractMojo {
    private static final String FROM_COMMAND_LINE = "default-cli";

    /** Does nothing. */
    @Parameter(property = "shm.skip", defaultValue = "false")
    private boolean skip;

    /**
     * The kinds of objects to look at: SYSV_SHM, SYSV_SEM, SYSV_MSG, POSIX_SHM, POSIX_SEM, POSIX_MQ, MMAP_FILE, MEMFD,
     * DIRECTORY, in any case. All of them, unless given.
     */
    @Parameter(property = "shm.kinds")
    private List<String> kinds = List.of();

    /** Looks only at objects that match one of these: globs over names, key:0x…, id:…. Never widens what may be removed. */
    @Parameter(property = "shm.includes")
    private List<String> includes = List.of();

    /**
     * Leaves alone, and does not show, what matches one of these: globs over names, key:0x…, id:…. In the lifecycle
     * extension it holds for the sweeps at a build's start and end alike.
     */
    @Parameter(property = "shm.excludes")
    private List<String> excludes = List.of();

    /**
     * Objects that you declare to be this build's own: globs over names; key:0x… or id:… for a System V segment, sem:key:0x…
     * or sem:id:… for a semaphore set, msg:key:0x… or msg:id:… for a queue. One that is all wildcard is refused.
     */
    @Parameter(property = "shm.claim")
    private List<String> claim = List.of();

    /** Your word that nobody else makes IPC objects on this host, so that what is new since a build began is the build's. */
    @Parameter(property = "shm.exclusive", defaultValue = "false")
    private boolean exclusive;

    /**
     * How long what is yours by claim or exclusive only must have rested, 30s, 10m, 2h or PT10M. Ten minutes, unless given;
     * at the end of a build what exclusive alone makes yours need not rest.
     */
    @Parameter(property = "shm.minAge", defaultValue = "")
    private String minAge = "";

    /**
     * Whether what cannot be listed or removed makes the goal fail. If not, it is a warning.
     */
    @Parameter(property = "shm.failOnError", defaultValue = "true")
    private boolean failOnError;

    /**
     * Hermetic mode: whether test JVMs of Surefire and Failsafe, and the command of shm:exec, get IPC objects of their own,
     * which the kernel frees with them: never, auto (where that is possible) or always.
     */
    @Parameter(property = "shm.isolate", defaultValue = "never")
    private String isolate = "never";

    /**
     * Whether a guarded build, and shm:exec, find out which process creates an object: auto (as far as this host allows),
     * always (or the build fails) or never. What is not known is told by shm:doctor.
     */
    @Parameter(property = "shm.attribute", defaultValue = "auto")
    private String attribute = "auto";

    /**
     * Directories that hold memory-mapped files of this build, separated by commas: target/ring,/var/tmp/app-*. Files in them
     * and below are judged as objects in /dev/shm are; the directories themselves stay. Relative to
     * where Maven was started; * and ? stand for characters of one name.
     */
    @Parameter(property = "shm.directories")
    private List<String> directories = List.of();

    @Parameter(defaultValue = "${session}", readonly = true, required = true)
    private MavenSession session;

    @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
    private MojoExecution execution;

    @Override
    public final void execute() throws MojoExecutionException, MojoFailureException {
        if (skip) {
            getLog().info("skipped, as shm.skip says");
            return;
        }
        String missing = Support.missing();
        if (!missing.isEmpty()) {
            getLog().info(missing);
            return;
        }
        if (isRepetition()) {
            getLog().debug("done already: the objects are the machine's, not a module's");
            return;
        }
        try {
            fail(run(
                    Selection.parse(kinds, includes, excludes, claim, exclusive, minAge == null ? "" : minAge)
                            .withAttribute(attribute)
                            .withDirectories(directories, UserSettings.root(session)),
                    console()));
        } catch (BadInputException | Hermetic.ImpossibleException e) {
            throw new MojoExecutionException(e.getMessage());
        } catch (ShmException e) {
            fail(List.of(Printable.text(String.valueOf(e.getMessage()))));
        }
    }

    /**
     * Does the goal's work.
     *
     * @return what failed, one line each
     */
    abstract List<String> run(Selection selection, Console console)
            throws BadInputException, MojoExecutionException, MojoFailureException;

    final String isolate() {
        return isolate;
    }

    final MavenSession session() {
        return session;
    }

    /** Whether it runs once even if it is bound to a phase of many modules. */
    boolean isForTheWholeSession() {
        return false;
    }

    /** From the command line each goal runs once, not once in each module. */
    private boolean isRepetition() {
        boolean once = isForTheWholeSession() || FROM_COMMAND_LINE.equals(execution.getExecutionId());
        Map<String, Object> data = session.getRequest().getData();
        synchronized (data) { // modules may be built side by side
            return once && data.put(getClass().getName(), true) != null;
        }
    }

    private void fail(List<String> failures) throws MojoExecutionException {
        if (!failures.isEmpty() && failOnError) {
            failures.stream().skip(1).forEach(getLog()::error);
            throw new MojoExecutionException(failures.get(0));
        }
        failures.forEach(getLog()::warn);
    }

    private Console console() {
        Optional<Terminal> terminal = Terminal.of(session.getRequest().isInteractiveMode(), System.getenv());
        return new Console() {
            @Override
            public Optional<Terminal> terminal() {
                return terminal;
            }

            @Override
            public void info(String line) {
                getLog().info(line);
            }

            @Override
            public void warn(String line) {
                getLog().warn(line);
            }

            @Override
            public void debug(String line) {
                getLog().debug(line);
            }
        };
    }
}
