package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Doctor;
import io.github.shmkit.maven.internal.Format;
import io.github.shmkit.maven.internal.Selection;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Shows on one page what this host allows: how well creators of objects are known, and which setting or capability would
 * make it better; the kernel's limits and how much of them is used; what fills {@code /dev/shm}; and who created the most.
 * Needs no project and changes nothing.
 */
@Mojo(name = "doctor", requiresProject = false, threadSafe = true)
public final class DoctorMojo extends AbstractShmMojo {
    /** The forms of the page, separated by commas: text for the log, which is always there, and json for doctor.json. */
    @Parameter(property = "shm.format", defaultValue = "text")
    private List<String> format = List.of("text");

    /** The folder of that file; target/shmkit, unless given. */
    @Parameter(property = "shm.reports", defaultValue = "")
    private String reports = "";

    @Override
    List<String> run(Selection selection, Console console) throws BadInputException {
        boolean json = Format.parse(format).contains(Format.JSON);
        Doctor.run(
                json
                        ? Optional.of(UserSettings.reports(session(), session().getCurrentProject(), reports)
                                .resolve("doctor.json"))
                        : Optional.empty(),
                console);
        return List.of();
    }
}
