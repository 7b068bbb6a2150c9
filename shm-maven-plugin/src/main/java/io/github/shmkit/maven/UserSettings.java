package io.github.shmkit.maven;

import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** What the user tells the extension, which Maven gives no parameters: a property, or else the plugin's configuration. */
final class UserSettings {
    private static final String PLUGIN = "io.github.shmkit:shm-maven-plugin";

    private UserSettings() {}

    static boolean skip(MavenSession session) {
        String skip = value(session, "skip", "false");
        return skip.isEmpty() || Boolean.parseBoolean(skip); // -Dshm.skip alone is a yes
    }

    /** Of the user property {@code shm.<name>}, of the POM's element of that name in the top-level project, or the default. */
    private static String value(MavenSession session, String name, String otherwise) {
        String property = session.getUserProperties().getProperty("shm." + name);
        if (property != null) {
            return property;
        }
        MavenProject top = session.getTopLevelProject();
        Plugin plugin = top == null ? null : top.getPlugin(PLUGIN);
        if (plugin != null && plugin.getConfiguration() instanceof Xpp3Dom configuration) {
            Xpp3Dom element = configuration.getChild(name);
            if (element != null && element.getValue() != null) {
                return element.getValue();
            }
        }
        return otherwise;
    }
}
