package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Printable;
import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.execution.MavenSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a build does by itself when the plugin is declared with {@code <extensions>true</extensions>}. */
public final class SessionParticipant extends AbstractMavenLifecycleParticipant {
    private static final Logger LOGGER = LoggerFactory.getLogger(SessionParticipant.class);

    @Override
    public void afterProjectsRead(MavenSession session) {
        try {
            GuardedBuild.begin(session, new LoggerConsole());
        } catch (RuntimeException | LinkageError e) {
            // What is wrong with us must not decide what becomes of the build.
            LOGGER.warn("shmkit: this build is not guarded: {}", Printable.text(e.toString()));
        }
    }

    @Override
    public void afterSessionEnd(MavenSession session) {
        GuardedBuild.of(session).ifPresent(GuardedBuild.Handle::close);
    }

    /** Outlives a goal's own log. */
    static final class LoggerConsole implements Console {
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
