package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.PipePair;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.TracedStart;
import io.github.shmkit.internal.trace.TracerOrder;
import io.github.shmkit.internal.trace.TracerUnavailableException;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.internal.trace.Turns;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A JVM helper that is a process of its own. */
final class JvmProcess extends HelperProcess implements TracedJvm {
    private static final int SLICE_MILLIS = 200;

    private final JvmHelpers.Making making;
    private final PipePair pipes;
    private final Object writing = new Object();
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    /** For what the JVM does without being told to wait. */
    private final Duration limit;

    private final JvmTasks tasks;
    private final Optional<Tracing> tracing;
    private @Nullable Turns turns;
    private boolean ended;

    private JvmProcess(JvmHelpers.Making making, JvmLauncher.Jvm jvm, Timeouts timeouts, Optional<Tracing> tracing) {
        super(making.name(), jvm.child(), timeouts);
        this.making = making;
        this.pipes = jvm.pipes();
        this.tracing = tracing;
        this.limit = making.arguments().debug() ? Timeouts.forever() : timeouts.answer();
        this.tasks = new JvmTasks(
                toString(),
                "--- in helper '" + making.name() + "' pid " + pid() + " ---",
                making.arguments().debug() ? Timeouts.forever() : timeouts.byDefault(),
                () -> state().toString(),
                number -> ThreadDump.of(this)
                        .map(dump -> ThreadDump.frames(dump, JvmMain.TASK + number))
                        .orElse(List.of()),
                making.helpers().checkpoints().unseen());
    }

    static JvmProcess start(JvmHelpers.Making making, Optional<Tracing> tracing) {
        Timeouts timeouts = making.helpers().timeouts();
        JvmLauncher launcher = making.helpers().launcher();
        JvmWire.Configuration configuration = making.configuration();
        SessionCheckpoints.Member member = making.helpers().checkpoints().join(making.name());
        try {
            JvmLauncher.Jvm jvm = tracing.map(t -> launchTraced(making, t)).orElseGet(() -> launch(making));
            member.started(jvm.child().pid(), jvm.child().exit(), () -> true);
            JvmProcess helper = new JvmProcess(making, jvm, timeouts, tracing);
            helper.begin(configuration);
            launcher.prepareSpare();
            return helper;
        } catch (RuntimeException e) {
            member.leave();
            throw e;
        }
    }

    private static JvmLauncher.Jvm launch(JvmHelpers.Making making) {
        return making.helpers()
                .launcher()
                .start(
                        making.name(),
                        making.arguments(),
                        making.helpers().errorDirectory(),
                        making.arguments().debug());
    }

    private static JvmLauncher.Jvm launchTraced(JvmHelpers.Making making, Tracing tracing) {
        try {
            return making.helpers()
                    .launcher()
                    .start(
                            making.name(),
                            making.arguments(),
                            making.helpers().errorDirectory(),
                            making.arguments().debug(),
                            command -> tracing.command(making.segments(), command));
        } catch (ShmException e) {
            throw TracedStart.refusal(tracing.log())
                    .map(why -> TracerUnavailableException.of(
                            "JVM helper '" + making.name() + "': " + why.getMessage(), why))
                    .orElse(e);
        }
    }

    private void begin(JvmWire.Configuration configuration) {
        Thread reader = new Thread(this::readAll, "shmkit helper " + name());
        reader.setDaemon(true);
        reader.start();
        send(new JvmWire.Message(JvmWire.CONFIGURE, 0, configuration.bytes()));
        try {
            var unused = ready.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            close();
            throw died();
        } catch (TimeoutException e) {
            close();
            throw new ShmTimeoutException(this + " did not get ready" + stderrTail(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new ShmException("interrupted while " + this + " was started", e);
        }
    }

    /** Only this thread reads, and at the end it closes. */
    private void readAll() {
        JvmWire.Parser parser = new JvmWire.Parser();
        byte[] bytes = new byte[1 << 16];
        try {
            int got;
            do {
                got = pipes.read(bytes, SLICE_MILLIS);
                if (got > 0) {
                    parser.feed(bytes, got);
                    for (var message = parser.next(); message.isPresent(); message = parser.next()) {
                        handle(message.get());
                    }
                }
            } while (got >= 0);
        } catch (IOException | OsException e) {
            // as the end of the connection
        }
        synchronized (writing) {
            ended = true;
            pipes.close();
        }
        exitNews();
        tasks.end(this::died);
        ready.completeExceptionally(died());
    }

    private void handle(JvmWire.Message message) throws IOException {
        switch (message.type()) {
            case JvmWire.READY -> ready.complete(true);
            case JvmWire.RESULT, JvmWire.FAILURE -> {
                tasks.answered(message);
                making.helpers().launcher().spareIsDue();
            }
            default -> throw new IOException("unknown message " + message.type());
        }
    }

    private HelperDiedException died() {
        Optional<Exit> exit = exit();
        return new HelperDiedException(
                this + " " + exit.map(Exit::toString).orElse("closed its connection, but is " + state())
                        + "; it was to do a task" + over() + tails(),
                exit);
    }

    /** A JVM that crashes, or has no memory left, says why on its standard output and in a file. */
    @Override
    String tails() {
        Path crash = making.helpers().errorDirectory().resolve("hs_err_" + pid() + ".log");
        return stderrTail() + stdoutTail() + (Files.exists(crash) ? "; the JVM crashed, see " + crash : "");
    }

    private void send(JvmWire.Message message) {
        byte[] bytes = message.bytes();
        long start = System.nanoTime();
        synchronized (writing) {
            for (int done = 0; done < bytes.length && !ended; ) {
                try {
                    done += pipes.write(bytes, done, SLICE_MILLIS);
                } catch (OsException e) {
                    return; // it is gone: the reader tells
                }
                if (System.nanoTime() - start > limit.toNanos()) {
                    throw new ShmTimeoutException(
                            this + " took no message within " + limit.toMillis() + " ms; it is " + state());
                }
            }
        }
    }

    @Override
    public <T extends @Nullable Object> T call(RemoteCallable<T> task) {
        return submit(task).await();
    }

    @Override
    public <T extends @Nullable Object> Remote<T> submit(RemoteCallable<T> task) {
        return tasks.submit(task, this::send);
    }

    @Override
    public <T extends @Nullable Object> Remote<T> submitArmed(RemoteCallable<T> task) {
        traced();
        return tasks.submit(JvmWire.CALL_ARMED, task, this::send);
    }

    private Tracing traced() {
        return tracing.orElseThrow(() -> new IllegalStateException(this + " is not traced"));
    }

    @Override
    public LogFile log() {
        return LogFile.read(traced().log(), traced().labels(making.segments()));
    }

    @Override
    public void arm(boolean armed) {
        TracerOrder.give(traced().log(), armed, child().exit(), timeouts().answer());
    }

    @Override
    public synchronized Turns turns() {
        Tracing t = traced();
        Turns known = turns;
        if (known == null) {
            known = t.turns(
                    toString(), making.segments(), child().exit(), timeouts().byDefault());
            turns = known;
        }
        return known;
    }

    @Override
    public Remote<@Nullable Void> main(Class<?> program, String... arguments) {
        return submit(JvmTasks.main(making, program, arguments));
    }

    @Override
    public boolean isDone() {
        return super.isDone() || tasks.isIdle();
    }

    @Override
    public Exit exit(int code) {
        order(ExitPredicate.exitCode(code));
        send(new JvmWire.Message(JvmWire.EXIT, code, new byte[0]));
        return awaitExit();
    }

    @Override
    public JvmHelper expectExit(Predicate<? super Exit> expected) {
        super.expectExit(expected);
        return this;
    }

    @Override
    public void close() {
        if (making.arguments().agents() && isAlive()) {
            send(new JvmWire.Message(JvmWire.EXIT, 0, new byte[0]));
            exitNews(); // what agents write at the end
        }
        super.close();
        closeTurns();
    }

    private synchronized void closeTurns() {
        Turns known = turns;
        if (known != null) {
            known.close();
        }
    }
}
