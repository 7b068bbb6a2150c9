package io.github.shmkit.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.maven.internal.BadInputException;
import org.apache.maven.execution.DefaultMavenExecutionRequest;
import org.apache.maven.execution.DefaultMavenExecutionResult;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Build;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.codehaus.plexus.util.xml.Xpp3DomBuilder;
import org.junit.jupiter.api.Test;

class UserSettingsTests {
    private final MavenExecutionRequest request = new DefaultMavenExecutionRequest();

    @Test
    void defaultsToWork() throws Exception {
        assertThat(UserSettings.skip(session(""))).isFalse();
    }

    @Test
    void readsThePom() throws Exception {
        assertThat(UserSettings.skip(session("<configuration><skip>true</skip></configuration>")))
                .isTrue();
        assertThat(UserSettings.skip(session("<configuration><skip/></configuration>")))
                .isFalse();
    }

    @Test
    void thePropertyWins() throws Exception {
        request.getUserProperties().setProperty("shm.skip", "false");
        assertThat(UserSettings.skip(session("<configuration><skip>true</skip></configuration>")))
                .isFalse();

        request.getUserProperties().setProperty("shm.skip", "true");
        assertThat(UserSettings.skip(session(""))).isTrue();
    }

    @Test
    void thePropertyWithoutValueMeansTrue() throws Exception {
        request.getUserProperties().setProperty("shm.skip", "");
        assertThat(UserSettings.skip(session(""))).isTrue();
    }

    @Test
    void readsListsOfBothPlacesAndSaysWhatIsWrong() throws Exception {
        MavenSession session = session("<configuration><claim><p>psm_*</p><p>key:0x1</p></claim></configuration>");
        assertThat(UserSettings.selection(session).claim()).hasSize(2);

        request.getUserProperties().setProperty("shm.claim", "one");
        assertThat(UserSettings.selection(session).claim()).hasSize(1);

        request.getUserProperties().setProperty("shm.claim", "one,*");
        assertThatThrownBy(() -> UserSettings.selection(session))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("shm.claim: '*' would claim everybody's objects");
    }

    @SuppressWarnings("deprecation") // Maven has no other that a test can call
    private MavenSession session(String configuration) throws Exception {
        Plugin plugin = new Plugin();
        plugin.setGroupId("io.github.shmkit");
        plugin.setArtifactId("shm-maven-plugin");
        if (!configuration.isEmpty()) {
            Xpp3Dom dom = Xpp3DomBuilder.build(new java.io.StringReader(configuration));
            plugin.setConfiguration(dom);
        }
        Build build = new Build();
        build.addPlugin(plugin);
        Model model = new Model();
        model.setBuild(build);
        MavenSession session =
                new MavenSession(null, request, new DefaultMavenExecutionResult(), new MavenProject(model));
        return session;
    }
}
