package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Selection;
import io.github.shmkit.maven.internal.SiteReport;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.maven.doxia.sink.Sink;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.reporting.MavenReport;
import org.apache.maven.reporting.MavenReportException;

/** Shows what the last {@code shm:check} found as a page of the project's site; called directly, as a page alone. */
@Mojo(name = "report", threadSafe = true)
public final class ReportMojo extends AbstractShmMojo implements MavenReport {
    private static final String OUTPUT_NAME = "shmkit";

    /** The folder of the page. */
    @Parameter(defaultValue = "${project.reporting.outputDirectory}", required = true)
    private File outputDirectory = new File("");

    /** The folder where shm:check left its report; target/shmkit, unless given. */
    @Parameter(property = "shm.reports", defaultValue = "")
    private String reports = "";

    @Override
    List<String> run(Selection selection, Console console) {
        try {
            Path page = outputDirectory.toPath().resolve(OUTPUT_NAME + ".html");
            SiteReport.write(source(), page);
            console.info("wrote " + page);
            return List.of();
        } catch (IOException e) {
            return List.of(SiteReport.failure(e));
        }
    }

    private Path source() {
        return UserSettings.reports(session(), session().getCurrentProject(), reports);
    }

    @Override
    public void generate(Sink sink, Locale locale) throws MavenReportException {
        try {
            SiteReport.write(source(), outputDirectory.toPath().resolve(OUTPUT_NAME + ".html"));
        } catch (IOException e) {
            throw new MavenReportException(SiteReport.failure(e), e);
        }
    }

    /** Site plugins before 3.20 ask for this, and later ones for the path, which is the same. */
    @Override
    @SuppressWarnings("deprecation")
    public String getOutputName() {
        return OUTPUT_NAME;
    }

    @Override
    public String getCategoryName() {
        return CATEGORY_PROJECT_REPORTS;
    }

    @Override
    public String getName(Locale locale) {
        return "IPC objects left behind";
    }

    @Override
    public String getDescription(Locale locale) {
        return "Shared memory and other IPC objects that the build left, and who made them";
    }

    @Override
    public void setReportOutputDirectory(File directory) {
        outputDirectory = directory;
    }

    @Override
    public File getReportOutputDirectory() {
        return outputDirectory;
    }

    /** The page is whole: the site's frame would add nothing but its own style. */
    @Override
    public boolean isExternalReport() {
        return true;
    }

    @Override
    public boolean canGenerateReport() {
        return true;
    }
}
