package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Format;
import io.github.shmkit.maven.internal.Listing;
import io.github.shmkit.maven.internal.Order;
import io.github.shmkit.maven.internal.ReportFiles;
import io.github.shmkit.maven.internal.Selection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** The order of the list: size, name, kind, made (the oldest first) or session. */
    @Parameter(property = "shm.sort", defaultValue = "size")
    private String sort = "size";

    /** The forms of the list: text for the log, and json, html and junit for files. */
    @Parameter(property = "shm.format", defaultValue = "text")
    private List<String> format = List.of("text");

    /** The folder of those files; target/shmkit, unless given. */
    @Parameter(property = "shm.reports", defaultValue = "")
    private String reports = "";

    /** Whether they have whole command lines, which may contain secrets, or only programs. */
    @Parameter(property = "shm.commandLines", defaultValue = "false")
    private boolean commandLines;

    @Override
    List<String> run(Selection selection, Console console) throws BadInputException {
        Set<Format> formats = Format.parse(format);
        Listing.run(
                selection,
                all,
                Order.parse(sort == null ? "" : sort),
                commandLines,
                new ReportFiles(
                        UserSettings.reports(session(), session().getCurrentProject(), reports),
                        formats,
                        Optional.empty(),
                        Map.of()),
                console);
        return List.of();
    }
}
