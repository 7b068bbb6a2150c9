package io.github.shmkit.maven;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Kinds;
import io.github.shmkit.maven.internal.Printable;
import io.github.shmkit.maven.internal.Support;
import java.util.List;
import java.util.Set;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.Parameter;

/** What all goals have in common. */
abstract class AbstractShmMojo extends AbstractMojo {
    private static final String FROM_COMMAND_LINE = "default-cli";

    /** Does nothing. */
    @Parameter(property = "shm.skip", defaultValue = "false")
    private boolean skip;

    /**
     * The kinds of objects to look at: SYSV_SHM, SYSV_SEM, SYSV_MSG, POSIX_SHM, POSIX_SEM, POSIX_MQ, MMAP_FILE, MEMFD, in
     * any case. All of them, unless given.
     */
    @Parameter(property = "shm.kinds")
    private List<String> kinds = List.of();

    /**
     * Whether what cannot be listed or removed makes the goal fail. If not, it is a warning.
     */
    @Parameter(property = "shm.failOnError", defaultValue = "true")
    private boolean failOnError;

    @Parameter(defaultValue = "${session}", readonly = true, required = true)
    private MavenSession session;

    @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
    private MojoExecution execution;

    @Override
    public final void execute() throws MojoExecutionException {
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
            fail(run(Kinds.parse(kinds), console()));
        } catch (BadInputException e) {
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
    abstract List<String> run(Set<IpcKind> wanted, Console console);

    /** From the command line it runs once, not once in each module; bound to a phase, where it is bound. */
    private boolean isRepetition() {
        return FROM_COMMAND_LINE.equals(execution.getExecutionId())
                && session.getRequest().getData().put(getClass().getName(), true) != null;
    }

    private void fail(List<String> failures) throws MojoExecutionException {
        if (!failures.isEmpty() && failOnError) {
            failures.stream().skip(1).forEach(getLog()::error);
            throw new MojoExecutionException(failures.get(0));
        }
        failures.forEach(getLog()::warn);
    }

    private Console console() {
        return new Console() {
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
