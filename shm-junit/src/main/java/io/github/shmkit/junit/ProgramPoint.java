package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.helper.SessionCheckpoints;
import io.github.shmkit.internal.helper.TracedCommand;
import io.github.shmkit.internal.helper.TracedHelper;
import io.github.shmkit.internal.helper.TracedJvm;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.junit.internal.Setting;
import io.github.shmkit.junit.internal.TestSession;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallException;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.Access;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/** Where a program dies in one invocation of an {@link EachCrashPoint}; or that it does not. */
final class ProgramPoint implements Others {
    private final long point;
    private final ExtensionContext context;
    private final Supplier<TestSession> session;
    private final Sweep sweep;
    private final Set<Helper> started = ConcurrentHashMap.newKeySet();
    private boolean used;

    /** All invocations together. */
    interface Sweep {
        /** What is run in this invocation, for reports. */
        String describe(long point);

        /** The program was run to its end. */
        void recorded(LogFile record, SessionCheckpoints checkpoints);

        /** Whether checkpoints bound what is looked at. */
        boolean inCheckpoints();

        /** Whether the point is known; if not, why not. */
        Optional<String> isUnknown(long point);

        /** Where a run did first something else than the record; empty if it did not. */
        Optional<String> difference(LogFile run);

        /** Whether the test is to be skipped where no program can be traced. */
        boolean skips();

        /** For the reports of the test. */
        void publish(String text);
    }

    /**
     * Before anything is started.
     *
     * @param point after which it dies, or {@link Tracing#NEVER}
     */
    ProgramPoint(long point, ExtensionContext context, Sweep sweep) {
        this.point = point;
        this.context = context;
        this.session = () -> Sessions.of(context);
        this.sweep = sweep;
    }

    @Override
    public ExtensionContext context() {
        return context;
    }

    @Override
    public int steps() {
        return (int) point;
    }

    @Override
    public void runAndCrash(Segment... segments) {
        throw new IllegalStateException(
                "@EachCrashPoint has no script to run; give runAndCrash a program, or the annotation a script");
    }

    @Override
    public void runAndCrash(CommandHelper.Builder program, Path... files) {
        use();
        TracedCommand traced =
                traced(() -> session.get().traced(program, point, true, List.of(files), sweep.inCheckpoints()));
        Exit exit = awaitEnd(traced, traced::awaitExit);
        LogFile log = session.get().accesses(traced);
        if (point == Tracing.NEVER) {
            if (!exit.isSuccess()) {
                throw new HelperDiedException(
                        traced + " " + exit
                                + " by itself while its stores were recorded; let it work before it is killed",
                        Optional.of(exit));
            }
            recorded(traced, log);
        } else {
            judge(traced, log, traced + " " + exit, null);
        }
    }

    @Override
    public void runAndCrash(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files) {
        use();
        TracedJvm traced = traced(() -> session.get().traced(jvm, point, List.of(files), sweep.inCheckpoints()));
        Remote<?> running = traced.submitArmed(task);
        if (point == Tracing.NEVER) {
            awaitEnd(traced, running::await);
            traced.exit(0);
            recorded(traced, session.get().accesses(traced));
            return;
        }
        Throwable thrown = null;
        try {
            awaitEnd(traced, running::await);
            traced.exit(0);
        } catch (HelperDiedException e) {
            thrown = e;
            traced.awaitExit();
        } catch (RemoteCallException | AssertionError e) {
            thrown = e;
            traced.exit(0);
        }
        judge(traced, session.get().accesses(traced), "the task of " + traced + ending(thrown), thrown);
    }

    private static String ending(@Nullable Throwable thrown) {
        if (thrown == null) {
            return " returned";
        }
        return thrown instanceof HelperDiedException died
                ? " ended with its JVM, which "
                        + died.exit().map(Exit::toString).orElse("was lost")
                : " ended by an exception";
    }

    @Override
    public CommandHelper start(CommandHelper.Builder program, Path... files) {
        TracedCommand traced =
                traced(() -> session.get().traced(program, point, false, List.of(files), sweep.inCheckpoints()));
        started.add(traced);
        return traced;
    }

    @Override
    public JvmHelper start(JvmHelper.Builder jvm, Path... files) {
        TracedJvm traced = traced(() -> session.get().traced(jvm, point, List.of(files), sweep.inCheckpoints()));
        started.add(traced);
        return traced;
    }

    @Override
    public void arm(Helper helper, Executable request) {
        if (!(helper instanceof TracedHelper traced) || !started.contains(helper)) {
            throw new IllegalArgumentException(helper + " does not run under the tracer; start it by start(…) of the "
                    + "CrashPoint instead of its own start()");
        }
        use();
        traced.arm(true);
        Optional<Throwable> thrown = run(request);
        traced.arm(false);
        LogFile log = traced.log();
        session.get().requireTraced(traced, log);
        if (log.killed()) {
            traced.awaitExit();
        } else if (thrown.isPresent()) {
            ProgramPoint.<RuntimeException>rethrow(thrown.get());
        }
        if (point == Tracing.NEVER) {
            if (!traced.isAlive()) {
                Exit exit = traced.awaitExit();
                throw new HelperDiedException(
                        traced + " " + exit
                                + " by itself while its stores were recorded; it has to outlive the request",
                        Optional.of(exit));
            }
            recorded(traced, log);
        } else {
            judge(traced, log, "the request to " + traced + " was done", null);
        }
    }

    private static Optional<Throwable> run(Executable request) {
        try {
            request.execute();
            return Optional.empty();
        } catch (Throwable e) {
            return Optional.of(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void rethrow(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private void use() {
        if (used) {
            throw new IllegalStateException("this invocation has armed a program already; one program dies in each");
        }
        used = true;
        sweep.isUnknown(point).ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        if (point != Tracing.NEVER) {
            session.get()
                    .evidence()
                    .note("again alone with -D" + Setting.CRASH_POINT.key() + "=" + point + ": "
                            + sweep.describe(point));
        }
    }

    private <T> T traced(Supplier<T> start) {
        return OneByOne.traced(sweep.skips(), start);
    }

    /** Waits, and says what it does if it does not end. */
    static <T extends @Nullable Object> T awaitEnd(TracedHelper traced, Supplier<T> wait) {
        try {
            return wait.get();
        } catch (HelperDiedException | RemoteCallException e) {
            throw e;
        } catch (ShmException e) {
            if (!traced.isAlive() || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            LogFile log = traced.log();
            int points = log.log().points().size();
            String what = log.initial().isEmpty()
                    ? "it has not mapped what it is traced in"
                    : "it has changed " + String.join(", ", log.initial().keySet()) + " " + points + " times"
                            + (points == 0
                                    ? ""
                                    : ", at last " + log.log().points().get(points - 1));
            throw new ShmException(
                    e.getMessage() + "; " + what
                            + "; a program that serves for ever is started by start(…) of the CrashPoint and armed for a "
                            + "request",
                    e);
        }
    }

    private void recorded(TracedHelper traced, LogFile log) {
        emptiness(log).ifPresent(why -> {
            throw new ShmException(traced + why + (started.contains(traced) ? " before the request returned" : ""));
        });
        sweep.recorded(log, session.get().checkpoints());
    }

    /** Why a record is of no use; empty if it has something. */
    static Optional<String> emptiness(LogFile log) {
        if (!log.log().points().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                log.initial().isEmpty()
                        ? " never mapped what it is traced in; attach the segment that it maps, or name the file"
                        : " mapped " + String.join(", ", log.initial().keySet()) + ", but changed no byte of it");
    }

    /** Of a program with several processes, one that lives on may end as it likes. Before the first store it is not known which. */
    private static boolean killedAnother(TracedHelper traced, LogFile log) {
        List<Access> points = log.log().points();
        return points.isEmpty() || points.get(points.size() - 1).pid() != traced.pid();
    }

    /** The program was to die. */
    private void judge(TracedHelper traced, LogFile log, String end, @Nullable Throwable cause) {
        boolean dies = log.killed() ? !killedAnother(traced, log) : traced.isAlive();
        traced.expectExit(dies ? ExitPredicate.killedBy(Signal.SIGKILL) : ExitPredicate.any());
        Optional<String> difference = sweep.difference(log);
        if (!log.killed()) {
            if (traced.isAlive()) {
                traced.kill();
            }
            throw new TestAbortedException(
                    end + " before store " + point + ", after "
                            + log.log().points().size() + " stores"
                            + difference.map(text -> ": " + text).orElse(""),
                    cause);
        }
        difference.ifPresent(text -> sweep.publish("not as recorded: " + text));
    }

    @Override
    public String toString() {
        return sweep.describe(point);
    }
}
