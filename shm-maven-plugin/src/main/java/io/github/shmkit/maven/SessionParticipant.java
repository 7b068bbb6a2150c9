package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.Hermetic;
import io.github.shmkit.maven.internal.Printable;
import java.io.File;
import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.MavenExecutionException;
import org.apache.maven.execution.MavenSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a build does by itself when the plugin is declared with {@code <extensions>true</extensions>}. */
public final class SessionParticipant extends AbstractMavenLifecycleParticipant {
    private static final Logger LOGGER = LoggerFactory.getLogger(SessionParticipant.class);

    @Override
    public void afterProjectsRead(MavenSession session) throws MavenExecutionException {
        try {
            GuardedBuild.begin(session, new LoggerConsole());
        } catch (Hermetic.ImpossibleException e) {
            throw new MavenExecutionException(e.getMessage(), (File) null); // the user's word is that it must not go on
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
