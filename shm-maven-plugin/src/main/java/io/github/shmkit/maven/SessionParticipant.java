package io.github.shmkit.maven;

import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.maven.internal.BuildGuard;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Printable;
import io.github.shmkit.maven.internal.Support;
import java.util.Map;
import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a build does by itself when the plugin is declared with {@code <extensions>true</extensions>}. */
public final class SessionParticipant extends AbstractMavenLifecycleParticipant {
    /** Where the request keeps our guard: one JVM may see many sessions, and one session several of us. */
    private static final String GUARD = BuildGuard.class.getName();

    private static final Logger LOGGER = LoggerFactory.getLogger(SessionParticipant.class);

    @Override
    public void afterProjectsRead(MavenSession session) {
        try {
            begin(session);
        } catch (RuntimeException | LinkageError e) {
            // What is wrong with us must not decide what becomes of the build.
            LOGGER.warn("shmkit: this build is not guarded: {}", Printable.text(e.toString()));
        }
    }

    private static void begin(MavenSession session) {
        MavenExecutionRequest request = session.getRequest();
        Map<String, Object> data = request.getData();
        if (data.containsKey(GUARD) || UserSettings.skip(session)) {
            return;
        }
        String missing = Support.missing();
        if (!missing.isEmpty()) {
            LOGGER.info(missing);
            return;
        }
        SessionId id = SessionId.random();
        BuildGuard guard = new BuildGuard(id, new LoggerConsole());
        data.put(GUARD, guard);
        LOGGER.debug("shmkit: this is session {}", id);
        guard.begin();
        SessionToken.inject(id, session.getProjects());
        request.setExecutionListener(
                SessionEvents.around(request.getExecutionListener(), guard::beforeFork, guard::end));
    }

    /** For a session of whose end nobody told our listener. */
    @Override
    public void afterSessionEnd(MavenSession session) {
        if (session.getRequest().getData().remove(GUARD) instanceof BuildGuard guard) {
            guard.end();
        }
    }

    private static final class LoggerConsole implements Console {
        @Override
        public void info(String line) {
            LOGGER.info(line);
        }

        @Override
        public void warn(String line) {
            LOGGER.warn(line);
        }

        @Override
        public void debug(String line) {
            LOGGER.debug(line);
        }
    }
}
