package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.guard.Child;
import io.github.shmkit.internal.guard.HelperProgram;
import io.github.shmkit.internal.guard.LaunchSpec;
import io.github.shmkit.internal.os.InputPipe;
import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.TracedStart;
import io.github.shmkit.internal.trace.TracerOrder;
import io.github.shmkit.internal.trace.TracerUnavailableException;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.internal.trace.Turns;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.Input;
import io.github.shmkit.process.Readiness;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A command that runs. */
final class CommandProcess extends HelperProcess implements TracedCommand {
    private static final long POLL_MICROS = 500;

    private final Child child;
    private final Optional<InputPipe> input;
    private final Optional<Tracing> tracing;
    private @Nullable Turns turns;
    private final List<Segment> segments;

    private CommandProcess(
            String name,
            Child child,
            Timeouts timeouts,
            Optional<InputPipe> input,
            Optional<Tracing> tracing,
            List<Segment> segments) {
        super(name, child, timeouts);
        this.child = child;
        this.input = input;
        this.tracing = tracing;
        this.segments = segments;
    }

    static CommandProcess start(CommandHelpers.Making making, Optional<Tracing> tracing) {
        LaunchSpec spec = spec(making);
        SessionCheckpoints checkpoints = making.helpers().checkpoints();
        LaunchSpec launched = tracing.map(t -> spec.with(t.command(making.segments(), spec.argv())))
                .orElse(spec);
        Optional<InputPipe> input = making.hasInput() ? Optional.of(new InputPipe()) : Optional.empty();
        CommandProcess helper = new CommandProcess(
                making.name(),
                launch(making, launched, input),
                making.helpers().timeouts(),
                input,
                tracing,
                making.segments());
        try {
            tracing.ifPresent(t -> helper.awaitExecuted(t, making, spec));
            making.readiness().ifPresent(r -> helper.awaitReady(r, making.readyWithin(), checkpoints));
            return helper;
        } catch (RuntimeException e) {
            helper.close();
            throw e;
        }
    }

    private static LaunchSpec spec(CommandHelpers.Making making) {
        Placeholders placeholders =
                new Placeholders(making.segments(), making.helpers().values());
        List<String> argv = new ArrayList<>();
        for (int i = 0; i < making.argv().size(); i++) {
            String argument = making.argv().get(i);
            argv.add(placeholders.fill(CommandHelpers.argumentName(i, argument), argument));
        }
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        environment.keySet().removeIf(name -> name.startsWith(Variables.PREFIX));
        environment.put(
                SessionSecret.VARIABLE, making.helpers().session().secret().text());
        environment.putAll(Variables.of(
                making.name(),
                making.segments(),
                making.helpers().checkpoints().page().segment(),
                HelperProgram.path()));
        making.environment()
                .forEach((name, value) ->
                        environment.put(name, placeholders.fill(CommandHelpers.variableName(name, value), value)));
        return new LaunchSpec(argv, environment, making.workingDirectory().toString(), "", placeholders.inherited());
    }

    private static Child launch(CommandHelpers.Making making, LaunchSpec spec, Optional<InputPipe> input) {
        String who = "command helper '" + making.name() + "'";
        Path directory = making.workingDirectory();
        if (!Files.isDirectory(directory)) {
            throw new ShmException(who + " cannot run in " + directory + ": there is no such directory");
        }
        SessionCheckpoints.Member member = making.helpers().checkpoints().join(making.name());
        try {
            LaunchSpec whole = input.map(pipe -> spec.reading(pipe.peerReads())).orElse(spec);
            Child child = making.helpers().session().supervisor().launch(whole);
            input.ifPresent(InputPipe::closePeersEnd);
            member.started(child.pid(), child.exit(), () -> true);
            return child;
        } catch (ShmException e) {
            member.leave();
            input.ifPresent(InputPipe::close);
            throw new ShmException(who + ": " + e.getMessage() + hint(spec, directory), e);
        }
    }

    private void awaitExecuted(Tracing t, CommandHelpers.Making making, LaunchSpec spec) {
        String program = spec.argv().get(0);
        try {
            TracedStart.await(program, t.log(), child.exit(), timeouts().answer());
        } catch (ShmException e) {
            boolean missing = String.valueOf(e.getMessage()).startsWith("cannot run");
            throw TracerUnavailableException.of(
                    "command helper '" + making.name() + "': " + e.getMessage()
                            + (missing ? hint(spec, making.workingDirectory()) : ""),
                    e);
        }
    }

    @Override
    public LogFile log() {
        Tracing t = tracing.orElseThrow(() -> new IllegalStateException(this + " is not traced"));
        return LogFile.read(t.log(), t.labels(segments));
    }

    @Override
    public void arm(boolean armed) {
        Tracing t = tracing.orElseThrow(() -> new IllegalStateException(this + " is not traced"));
        TracerOrder.give(t.log(), armed, child.exit(), timeouts().answer());
    }

    @Override
    public synchronized Turns turns() {
        Tracing t = tracing.orElseThrow(() -> new IllegalStateException(this + " is not traced"));
        Turns known = turns;
        if (known == null) {
            known = t.turns(toString(), segments, child.exit(), timeouts().byDefault());
            turns = known;
        }
        return known;
    }

    @Override
    public Input stdin() {
        InputPipe pipe = input.orElseThrow(() -> new IllegalStateException(
                this + " reads an empty standard input; give it a pipe by pipedInput() before start()"));
        return new PipedInput(this, pipe, timeouts().byDefault());
    }

    @Override
    public void close() {
        super.close();
        input.ifPresent(InputPipe::close);
        closeTurns();
    }

    private synchronized void closeTurns() {
        Turns known = turns;
        if (known != null) {
            known.close();
        }
    }

    /** What may be the matter with a program that cannot be run. */
    private static String hint(LaunchSpec spec, Path directory) {
        String program = spec.argv().get(0);
        if (program.indexOf(File.separatorChar) >= 0) {
            Path path = directory.resolve(program);
            return Files.exists(path) ? hint(path.normalize()) : "; there is no file " + path.normalize();
        }
        String path = spec.environment().getOrDefault("PATH", "");
        return Arrays.stream(path.split(File.pathSeparator, -1))
                .map(element -> directory.resolve(element).resolve(program))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(CommandProcess::hint)
                .orElse("; there is none in PATH=" + path);
    }

    private static String hint(Path program) {
        if (Files.isDirectory(program)) {
            return "; " + program + " is a directory";
        }
        return Files.isExecutable(program)
                ? "; " + program + " is there: is it for this machine, does it begin with #! if it is a script, and is "
                        + "the interpreter or loader there that it names?"
                : "; " + program + " is not executable: chmod +x it";
    }

    private void awaitReady(Readiness readiness, Duration max, SessionCheckpoints checkpoints) {
        if (readiness instanceof Readiness.Checkpoint checkpoint) {
            await(
                    () -> checkpoints.count(checkpoint.name()) > 0,
                    max,
                    "it was ready, that is: " + readiness,
                    "was not ready",
                    "that is: " + readiness,
                    "be ready: " + readiness);
        } else if (readiness instanceof Readiness.Line line) {
            awaitLine(
                    line.text(),
                    max,
                    "it was ready, that is: " + readiness,
                    "was not ready",
                    "that is: " + readiness,
                    "be ready: " + readiness);
        }
    }

    @Override
    public String awaitLine(String text) {
        return awaitLine(text, timeouts().byDefault());
    }

    @Override
    public String awaitLine(String text, Duration max) {
        String line = "a line with \"" + text + "\"";
        return awaitLine(text, max, "it wrote " + line, "did not write", line, "write " + line);
    }

    private String awaitLine(String text, Duration max, String before, String not, String what, String infinitive) {
        var onStdout = child.stdout().firstLine(text);
        var onStderr = child.stderr().firstLine(text);
        await(() -> onStdout.isDone() || onStderr.isDone(), max, before, not, what, infinitive);
        return onStdout.isDone() ? onStdout.join() : onStderr.join();
    }

    /** The texts are for messages: when it died before, when it did not come, and when the wait was interrupted. */
    private void await(BooleanSupplier done, Duration max, String before, String not, String what, String infinitive) {
        long start = System.nanoTime();
        while (true) {
            boolean over = child.exit().isDone(); // before the condition: its last words count
            if (done.getAsBoolean()) {
                return;
            }
            if (over) {
                Optional<Exit> exit = exit();
                throw new HelperDiedException(
                        this + " " + exit.map(Exit::toString).orElse("was lost") + " before " + before + stdoutTail()
                                + stderrTail(),
                        exit);
            }
            if (System.nanoTime() - start > max.toNanos()) {
                throw new ShmTimeoutException(this + " " + not + " within " + max.toMillis() + " ms, " + what
                        + "; it is " + state() + stdoutTail() + stderrTail());
            }
            try {
                TimeUnit.MICROSECONDS.sleep(POLL_MICROS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ShmException("interrupted while waiting for " + this + " to " + infinitive, e);
            }
        }
    }

    @Override
    public CommandHelper expectExit(Predicate<? super Exit> expected) {
        super.expectExit(expected);
        return this;
    }

    /** For builders: the segments' labels must differ. */
    static List<Segment> with(String helper, List<Segment> segments, Segment another) {
        for (Segment s : segments) {
            if (s.label().equals(another.label())) {
                throw new IllegalArgumentException("helper '" + helper + "' is already to attach a segment '"
                        + another.label() + "'; give them different labels");
            }
        }
        List<Segment> all = new ArrayList<>(segments);
        all.add(another);
        return List.copyOf(all);
    }
}
