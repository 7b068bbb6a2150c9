package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.process.JvmHelper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts JVM helpers. */
public final class JvmHelpers {
    private final JvmLauncher launcher;
    private final SessionCheckpoints checkpoints;
    private final Timeouts timeouts;
    private final Optional<Path> artifacts;

    /**
     * Starts them by a launcher.
     *
     * @param checkpoints of the test that they are to take part in
     * @param timeouts how long to wait
     */
    public JvmHelpers(JvmLauncher launcher, SessionCheckpoints checkpoints, Timeouts timeouts) {
        this(launcher, checkpoints, timeouts, Optional.empty());
    }

    private JvmHelpers(
            JvmLauncher launcher, SessionCheckpoints checkpoints, Timeouts timeouts, Optional<Path> artifacts) {
        this.launcher = launcher;
        this.checkpoints = checkpoints;
        this.timeouts = timeouts;
        this.artifacts = artifacts;
    }

    /** The same with a directory for what a crashed JVM leaves, and a value for <code>{artifacts}</code>. */
    public JvmHelpers artifacts(Path directory) {
        return new JvmHelpers(launcher, checkpoints, timeouts, Optional.of(directory));
    }

    JvmLauncher launcher() {
        return launcher;
    }

    SessionCheckpoints checkpoints() {
        return checkpoints;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    Path errorDirectory() {
        return artifacts.orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
    }

    Map<String, String> values() {
        return CommandHelpers.values(checkpoints, artifacts);
    }

    /** A JVM helper in the making; what {@link JvmHelper.Builder#start} returns is a {@link HelperProcess}, if it is one. */
    public JvmHelper.Builder jvm(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a helper needs a name");
        }
        return new Making(this, name, List.of(), JvmArguments.PLAIN, false);
    }

    /** What is to be started. */
    record Making(JvmHelpers helpers, String name, List<Segment> segments, JvmArguments arguments, boolean here)
            implements TracedJvm.Builder {
        private Making with(JvmArguments other) {
            return new Making(helpers, name, segments, other, here);
        }

        @Override
        public JvmHelper.Builder attach(Segment segment) {
            return new Making(helpers, name, CommandProcess.with(name, segments, segment), arguments, here);
        }

        @Override
        public JvmHelper.Builder jvmArgs(String... more) {
            List<String> own = new ArrayList<>(arguments.own());
            own.addAll(List.of(more));
            return with(new JvmArguments(arguments.agents(), arguments.debug(), own));
        }

        @Override
        public JvmHelper.Builder systemProperty(String property, String value) {
            if (property.isEmpty() || property.indexOf('=') >= 0) {
                throw new IllegalArgumentException("'" + property + "' cannot be the name of a system property");
            }
            return jvmArgs("-D" + property + "=" + value);
        }

        @Override
        public JvmHelper.Builder debug(boolean wait) {
            return with(new JvmArguments(arguments.agents(), wait, arguments.own()));
        }

        @Override
        public JvmHelper.Builder inheritAgents() {
            return with(new JvmArguments(true, arguments.debug(), arguments.own()));
        }

        @Override
        public JvmHelper.Builder inProcess() {
            return new Making(helpers, name, segments, arguments, true);
        }

        @Override
        public JvmHelper start() {
            return here ? new JvmHere(this) : JvmProcess.start(this, Optional.empty());
        }

        @Override
        public TracedJvm startTraced(Tracing tracing) {
            if (here) {
                throw new IllegalStateException("JVM helper '" + name
                        + "' is to run in this JVM, which cannot be traced and killed; remove inProcess()");
            }
            return JvmProcess.start(this, Optional.of(tracing));
        }

        JvmWire.Configuration configuration() {
            return new JvmWire.Configuration(
                    name,
                    helpers.timeouts(),
                    helpers.checkpoints().page().segment().address(),
                    segments.stream()
                            .map(s -> new JvmWire.Shared(s.label(), s.address()))
                            .toList());
        }
    }
}
