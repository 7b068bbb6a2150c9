package io.github.shmkit.maven;

import io.github.shmkit.internal.session.SessionSecret;
import java.util.List;
import java.util.Set;
import org.apache.maven.model.ConfigurationContainer;
import org.apache.maven.model.Plugin;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Hands the session down to the test JVMs, through the configuration of the plugins that start them. */
final class SessionToken {
    private static final Set<String> PLUGINS =
            Set.of("org.apache.maven.plugins:maven-surefire-plugin", "org.apache.maven.plugins:maven-failsafe-plugin");
    private static final String VARIABLES = "environmentVariables";

    private SessionToken() {}

    static void inject(SessionSecret secret, List<MavenProject> projects) {
        for (MavenProject project : projects) {
            for (Plugin plugin : project.getBuildPlugins()) {
                if (PLUGINS.contains(plugin.getKey())) {
                    // For a goal of the command line; those of the life cycle have copied it already.
                    inject(secret, plugin);
                    plugin.getExecutions().forEach(execution -> inject(secret, execution));
                }
            }
        }
    }

    /** Into a goal that is about to run, whose configuration Maven has put together already. */
    static void inject(SessionSecret secret, MojoExecution execution) {
        Xpp3Dom configuration = execution.getConfiguration();
        if (configuration == null) {
            configuration = new Xpp3Dom("configuration");
        }
        child(child(configuration, VARIABLES), SessionSecret.VARIABLE).setValue(secret.text());
        execution.setConfiguration(configuration); // in Maven 4, what it gave us was a copy
    }

    private static void inject(SessionSecret secret, ConfigurationContainer container) {
        if (!(container.getConfiguration() instanceof Xpp3Dom)) {
            container.setConfiguration(new Xpp3Dom("configuration"));
        }
        Xpp3Dom variables = child((Xpp3Dom) container.getConfiguration(), VARIABLES);
        // Overrides one that is inherited: a build within a test is a session of its own.
        child(variables, SessionSecret.VARIABLE).setValue(secret.text());
    }

    private static Xpp3Dom child(Xpp3Dom parent, String name) {
        Xpp3Dom existing = parent.getChild(name);
        if (existing != null) {
            return existing;
        }
        Xpp3Dom created = new Xpp3Dom(name);
        parent.addChild(created);
        return created;
    }
}
