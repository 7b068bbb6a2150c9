package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.internal.guard.HelperProgram;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Readiness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts the user's own programs. */
public final class CommandHelpers {
    private final Session session;
    private final Timeouts timeouts;
    private final SessionCheckpoints checkpoints;
    private final Optional<Path> artifacts;

    /**
     * Starts them through the supervisor of that session.
     *
     * @param checkpoints of the test that they are to take part in
     * @param timeouts how long to wait
     */
    public CommandHelpers(Session session, SessionCheckpoints checkpoints, Timeouts timeouts) {
        this(session, checkpoints, timeouts, Optional.empty());
    }

    private CommandHelpers(
            Session session, SessionCheckpoints checkpoints, Timeouts timeouts, Optional<Path> artifacts) {
        this.session = session;
        this.checkpoints = checkpoints;
        this.timeouts = timeouts;
        this.artifacts = artifacts;
    }

    /** The same with a value for <code>{artifacts}</code>. */
    public CommandHelpers artifacts(Path directory) {
        return new CommandHelpers(session, checkpoints, timeouts, Optional.of(directory));
    }

    Session session() {
        return session;
    }

    SessionCheckpoints checkpoints() {
        return checkpoints;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /** What placeholders that are not of a segment stand for. */
    Map<String, String> values() {
        return values(checkpoints, artifacts);
    }

    static Map<String, String> values(SessionCheckpoints checkpoints, Optional<Path> artifacts) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("pid", Long.toString(ProcessHandle.current().pid()));
        values.put("control", checkpoints.page().segment().address().uri());
        values.put("program", HelperProgram.path());
        artifacts.ifPresent(a -> values.put("artifacts", a.toString()));
        return values;
    }

    /** A command in the making; what {@link CommandHelper.Builder#start} returns is a {@link HelperProcess}. */
    public CommandHelper.Builder command(String name, String... argv) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a helper needs a name");
        }
        if (argv.length == 0 || argv[0].isEmpty()) {
            throw new IllegalArgumentException("command helper '" + name + "' needs a program to run");
        }
        for (int i = 0; i < argv.length; i++) {
            Placeholders.check(argumentName(i, argv[i]), argv[i]);
        }
        return new Making(
                this,
                name,
                List.of(argv),
                Map.of(),
                Path.of("").toAbsolutePath(),
                List.of(),
                Optional.empty(),
                timeouts.byDefault(),
                false);
    }

    static String argumentName(int index, String text) {
        return (index == 0 ? "the program" : "argument " + index) + " (\"" + text + "\")";
    }

    static String variableName(String name, String value) {
        return "environment variable " + name + " (\"" + value + "\")";
    }

    /** What is to be started. */
    record Making(
            CommandHelpers helpers,
            String name,
            List<String> argv,
            Map<String, String> environment,
            Path workingDirectory,
            List<Segment> segments,
            Optional<Readiness> readiness,
            Duration readyWithin,
            boolean hasInput)
            implements TracedCommand.Builder {
        @Override
        public CommandHelper.Builder env(String variable, String value) {
            if (variable.isEmpty() || variable.indexOf('=') >= 0 || variable.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("'" + variable + "' cannot be the name of an environment variable");
            }
            Placeholders.check(variableName(variable, value), value);
            Map<String, String> all = new LinkedHashMap<>(environment);
            all.put(variable, value);
            return new Making(helpers, name, argv, all, workingDirectory, segments, readiness, readyWithin, hasInput);
        }

        @Override
        public CommandHelper.Builder directory(Path directory) {
            return new Making(
                    helpers,
                    name,
                    argv,
                    environment,
                    directory.toAbsolutePath(),
                    segments,
                    readiness,
                    readyWithin,
                    hasInput);
        }

        @Override
        public CommandHelper.Builder attach(Segment segment) {
            List<Segment> all = CommandProcess.with(name, segments, segment);
            return new Making(
                    helpers, name, argv, environment, workingDirectory, all, readiness, readyWithin, hasInput);
        }

        @Override
        public CommandHelper.Builder readyWhen(Readiness condition) {
            return readyWhen(condition, helpers.timeouts().byDefault());
        }

        @Override
        public CommandHelper.Builder readyWhen(Readiness condition, Duration max) {
            return new Making(
                    helpers,
                    name,
                    argv,
                    environment,
                    workingDirectory,
                    segments,
                    Optional.of(condition),
                    max,
                    hasInput);
        }

        @Override
        public CommandHelper.Builder pipedInput() {
            return new Making(
                    helpers, name, argv, environment, workingDirectory, segments, readiness, readyWithin, true);
        }

        @Override
        public CommandHelper start() {
            return CommandProcess.start(this, Optional.empty());
        }

        @Override
        public TracedCommand startTraced(Tracing tracing) {
            return CommandProcess.start(this, Optional.of(tracing));
        }
    }
}
