package io.github.shmkit.maven;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.sweep.Sweep;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Listing;
import java.util.List;
import java.util.Set;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Lists the shared memory and other IPC objects that shmkit sessions own, living and dead, and what {@code shm:clean}
 * would do with each, and why. Needs no project and changes nothing.
 */
@Mojo(name = "list", requiresProject = false, threadSafe = true)
public final class ListMojo extends AbstractShmMojo {
    /** Also lists what no session of shmkit made. */
    @Parameter(property = "shm.all", defaultValue = "false")
    private boolean all;

    @Override
    List<String> run(Set<IpcKind> wanted, Console console) {
        Listing.of(Sweep.run(SweepPolicy.standard()
                        .withKinds(wanted)
                        .withForeign(all)
                        .asDryRun()))
                .forEach(console::info);
        return List.of();
    }
}
