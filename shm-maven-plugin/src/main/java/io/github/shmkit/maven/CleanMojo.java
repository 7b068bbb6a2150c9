package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Clean;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Selection;
import java.util.List;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Removes the shared memory and other IPC objects that dead shmkit sessions left. Whatever lives, is in use or is not
 * provably theirs stays. Needs no project.
 */
@Mojo(name = "clean", defaultPhase = LifecyclePhase.POST_INTEGRATION_TEST, requiresProject = false, threadSafe = true)
public final class CleanMojo extends AbstractShmMojo {
    /** Says what would be removed, and removes nothing. */
    @Parameter(property = "shm.dryRun", defaultValue = "false")
    private boolean dryRun;

    /**
     * A file that shm:snapshot wrote: only what is new since then is looked at. None, unless given.
     */
    @Parameter(property = "shm.baseline", defaultValue = "")
    private String baseline = "";

    @Override
    List<String> run(Selection selection, Console console) throws BadInputException {
        int removedBefore = GuardedBuild.of(session())
                .map(GuardedBuild.Handle::removedAtStart)
                .orElse(0);
        return Clean.run(selection, UserSettings.path(session(), baseline), dryRun, removedBefore, console);
    }

    @Override
    boolean isForTheWholeSession() {
        return true;
    }
}
