package io.github.shmkit.maven;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.session.SessionSecret;
import java.io.StringReader;
import java.util.List;
import org.apache.maven.model.ConfigurationContainer;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.junit.jupiter.api.Test;

class SessionTokenTests {
    private static final SessionSecret SECRET = SessionSecret.of("0123456789012345678901");

    @Test
    void reachesThePluginAndEachExecutionOfSurefireAndFailsafe() throws Exception {
        MavenProject project = project("""
                <plugin><artifactId>maven-surefire-plugin</artifactId>
                  <executions><execution><id>default-test</id></execution><execution><id>more</id></execution></executions>
                </plugin>
                <plugin><artifactId>maven-failsafe-plugin</artifactId>
                  <executions><execution><id>its</id></execution></executions>
                </plugin>
                """);

        SessionToken.inject(SECRET, List.of(project));

        for (Plugin plugin : project.getBuildPlugins()) {
            assertThat(token(plugin)).isEqualTo(SECRET.text());
            plugin.getExecutions()
                    .forEach(execution -> assertThat(token(execution)).isEqualTo(SECRET.text()));
        }
    }

    @Test
    void keepsWhatTheUserConfiguredAndOverridesAnInheritedSession() throws Exception {
        MavenProject project = project("""
                <plugin><artifactId>maven-surefire-plugin</artifactId>
                  <configuration>
                    <argLine>-Xmx1g</argLine>
                    <environmentVariables><PATH_X>x</PATH_X><SHMKIT_SESSION>outer</SHMKIT_SESSION></environmentVariables>
                  </configuration>
                </plugin>
                """);

        SessionToken.inject(SECRET, List.of(project));

        Xpp3Dom configuration = (Xpp3Dom) project.getBuildPlugins().get(0).getConfiguration();
        assertThat(configuration.getChild("argLine").getValue()).isEqualTo("-Xmx1g");
        Xpp3Dom variables = configuration.getChild("environmentVariables");
        assertThat(variables.getChild("PATH_X").getValue()).isEqualTo("x");
        assertThat(variables.getChildren("SHMKIT_SESSION")).hasSize(1);
        assertThat(token(project.getBuildPlugins().get(0))).isEqualTo(SECRET.text());
    }

    @Test
    void leavesOtherPluginsAlone() throws Exception {
        MavenProject project = project("""
                <plugin><artifactId>maven-jar-plugin</artifactId></plugin>
                <plugin><groupId>elsewhere</groupId><artifactId>maven-surefire-plugin</artifactId></plugin>
                """);

        SessionToken.inject(SECRET, List.of(project));

        assertThat(project.getBuildPlugins()).allMatch(plugin -> plugin.getConfiguration() == null);
    }

    @Test
    void reachesAGoalThatIsAboutToRun() {
        MojoExecution bare = new MojoExecution(new Plugin(), "test", "default-test");
        MojoExecution configured = new MojoExecution(new Plugin(), "test", "default-test");
        Xpp3Dom configuration = new Xpp3Dom("configuration");
        configuration.addChild(new Xpp3Dom("argLine"));
        configured.setConfiguration(configuration);

        SessionToken.inject(SECRET, bare);
        SessionToken.inject(SECRET, configured);

        for (MojoExecution execution : List.of(bare, configured)) {
            assertThat(execution
                            .getConfiguration()
                            .getChild("environmentVariables")
                            .getChild("SHMKIT_SESSION")
                            .getValue())
                    .isEqualTo(SECRET.text());
        }
        assertThat(configured.getConfiguration().getChild("argLine")).isNotNull();
    }

    private static MavenProject project(String plugins) throws Exception {
        Model model = new MavenXpp3Reader()
                .read(new StringReader("<project><build><plugins>" + plugins + "</plugins></build></project>"));
        return new MavenProject(model);
    }

    private static String token(ConfigurationContainer container) {
        return ((Xpp3Dom) container.getConfiguration())
                .getChild("environmentVariables")
                .getChild("SHMKIT_SESSION")
                .getValue();
    }
}
