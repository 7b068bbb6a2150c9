package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.Format;
import io.github.shmkit.maven.internal.Hermetic;
import io.github.shmkit.maven.internal.ReportFiles;
import io.github.shmkit.maven.internal.Selection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/** What the user tells the extension, which Maven gives no parameters: a property, or else the plugin's configuration. */
final class UserSettings {
    private static final String PLUGIN = "io.github.shmkit:shm-maven-plugin";

    private UserSettings() {}

    static boolean skip(MavenSession session) {
        return flag(session, "skip");
    }

    static boolean failOnLeak(MavenSession session) {
        return flag(session, "failOnLeak");
    }

    static boolean commandLines(MavenSession session) {
        return flag(session, "commandLines");
    }

    static Hermetic.Mode isolate(MavenSession session) throws BadInputException {
        return Hermetic.Mode.parse(value(session, "isolate", "never"));
    }

    static Selection selection(MavenSession session) throws BadInputException {
        return Selection.parse(
                        values(session, "kinds"),
                        values(session, "includes"),
                        values(session, "excludes"),
                        values(session, "claim"),
                        flag(session, "exclusive"),
                        value(session, "minAge", ""))
                .withAttribute(value(session, "attribute", "auto"))
                .withDirectories(values(session, "directories"), root(session));
    }

    static ReportFiles files(MavenSession session) throws BadInputException {
        return new ReportFiles(
                reports(session, session.getTopLevelProject(), value(session, "reports", "")),
                Format.ofCheck(values(session, "format")),
                path(session, value(session, "metricsFile", "")),
                System.getenv());
    }

    /** Where reports on the project go: as configured, or beside what else the project makes. */
    static Path reports(MavenSession session, MavenProject project, String configured) {
        return path(session, configured)
                .orElseGet(() -> project != null && project.getFile() != null
                        ? Path.of(project.getBuild().getDirectory(), "shmkit")
                        : Path.of(session.getExecutionRootDirectory(), "target", "shmkit"));
    }

    /** As seen from where Maven was started; empty for none. */
    static Optional<Path> path(MavenSession session, String text) {
        return text == null || text.isBlank()
                ? Optional.empty()
                : Optional.of(root(session).resolve(text.trim()));
    }

    /** Where Maven was started. */
    static Path root(MavenSession session) {
        String root = session.getExecutionRootDirectory();
        return Path.of(root == null ? "" : root);
    }

    private static boolean flag(MavenSession session, String name) {
        String value = value(session, name, "false");
        return value.isEmpty() || Boolean.parseBoolean(value); // -Dshm.skip alone is a yes
    }

    private static List<String> values(MavenSession session, String name) {
        String property = session.getUserProperties().getProperty("shm." + name);
        if (property == null) {
            Xpp3Dom element = element(session, name);
            if (element != null && element.getChildCount() > 0) {
                List<String> values = new ArrayList<>();
                for (Xpp3Dom child : element.getChildren()) {
                    values.add(child.getValue() == null ? "" : child.getValue());
                }
                return values;
            }
            property = element == null || element.getValue() == null ? "" : element.getValue();
        }
        return property.isEmpty() ? List.of() : List.of(property.split(",", -1));
    }

    /** Of the user property {@code shm.<name>}, of the POM's element of that name in the top-level project, or the default. */
    private static String value(MavenSession session, String name, String otherwise) {
        String property = session.getUserProperties().getProperty("shm." + name);
        if (property != null) {
            return property;
        }
        Xpp3Dom element = element(session, name);
        return element == null || element.getValue() == null ? otherwise : element.getValue();
    }

    private static @Nullable Xpp3Dom element(MavenSession session, String name) {
        MavenProject top = session.getTopLevelProject();
        Plugin plugin = top == null ? null : top.getPlugin(PLUGIN);
        return plugin != null && plugin.getConfiguration() instanceof Xpp3Dom configuration
                ? configuration.getChild(name)
                : null;
    }
}
