package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Selection;
import io.github.shmkit.maven.internal.Snapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Begins to guard the build, if the plugin is not declared with {@code <extensions>true</extensions>} and so does it
 * already: from here on, what its tests leave is removed at its end. With a baseline file, writes down what is there, for
 * {@code shm:check} in a later step of a CI job.
 */
@Mojo(name = "snapshot", defaultPhase = LifecyclePhase.INITIALIZE, requiresProject = false, threadSafe = true)
public final class SnapshotMojo extends AbstractShmMojo {
    /** The file to write. None, unless given. */
    @Parameter(property = "shm.baseline", defaultValue = "")
    private String baseline = "";

    @Override
    boolean isForTheWholeSession() {
        return true;
    }

    @Override
    List<String> run(Selection selection, Console console) throws BadInputException {
        GuardedBuild.begin(session(), new SessionParticipant.LoggerConsole());
        Optional<Path> file = UserSettings.path(session(), baseline);
        boolean hasProject = session().getCurrentProject() != null
                && session().getCurrentProject().getFile() != null;
        if (file.isEmpty() && !hasProject) {
            return List.of(
                    "shm.baseline: a snapshot without a project needs a file to go to; give -Dshm.baseline=<file>");
        }
        return file.isEmpty() ? List.of() : Snapshot.write(file.get(), console);
    }
}
