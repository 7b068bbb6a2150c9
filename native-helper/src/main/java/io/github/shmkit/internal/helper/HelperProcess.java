package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.guard.Child;
import io.github.shmkit.internal.guard.OutputBuffer;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.Output;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What all helpers have in common: a process with an end that is declared or not. */
public abstract class HelperProcess implements Helper {
    private static final int TAIL_LINES = 15;
    private static final long CONT_PAUSE_NANOS = 200_000;

    private final String name;
    private final Child child;
    private final Timeouts timeouts;
    /** Ends that the test itself brought about: they may come and need no declaration. */
    private final List<ExitPredicate> ordered = new CopyOnWriteArrayList<>();

    private volatile @Nullable Predicate<? super Exit> expected;
    private volatile String over = "";

    HelperProcess(String name, Child child, Timeouts timeouts) {
        this.name = name;
        this.child = child;
        this.timeouts = timeouts;
    }

    Child child() {
        return child;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long pid() {
        return child.pid();
    }

    @Override
    public boolean isAlive() {
        return !child.exit().isDone();
    }

    @Override
    public HelperState state() {
        return isAlive() ? ProcessState.of(child.pid()) : HelperState.EXITED;
    }

    @Override
    public Output stdout() {
        return new View(child, child.stdout());
    }

    @Override
    public Output stderr() {
        return new View(child, child.stderr());
    }

    private record View(Child child, OutputBuffer buffer) implements Output {
        private OutputBuffer flushed() {
            child.flush();
            return buffer;
        }

        @Override
        public String text() {
            return flushed().text();
        }

        @Override
        public List<String> lines() {
            return flushed().lines();
        }

        @Override
        public long total() {
            return flushed().total();
        }
    }

    @Override
    public Exit awaitExit() {
        return awaitExit(timeouts.byDefault());
    }

    @Override
    public Exit awaitExit(Duration max) {
        try {
            return child.exit().get(max.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new ShmTimeoutException(this + " did not end within " + max.toMillis() + " ms; it is " + state(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while waiting for the end of " + this, e);
        } catch (ExecutionException e) {
            throw new ShmException("the end of " + this + " is not known: " + e.getCause(), e);
        }
    }

    /** Whether it has done what it was to do: a program that it has ended. */
    public boolean isDone() {
        return !isAlive();
    }

    CompletableFuture<Exit> end() {
        return child.exit();
    }

    /** How it ended, if that is known now. */
    public Optional<Exit> exit() {
        return child.exit().isDone() && !child.exit().isCompletedExceptionally()
                ? Optional.of(child.exit().join())
                : Optional.empty();
    }

    /** How it ended, waiting for the news a little even if this thread is interrupted. */
    Optional<Exit> exitNews() {
        boolean interrupted = Thread.interrupted();
        try {
            return Optional.of(awaitExit(timeouts.news()));
        } catch (ShmException e) {
            interrupted |= Thread.interrupted();
            return Optional.empty();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public Helper expectExit(Predicate<? super Exit> predicate) {
        expected = predicate;
        return this;
    }

    void order(ExitPredicate predicate) {
        ordered.add(predicate);
    }

    /**
     * Why the way it ended must fail the test; empty if it lives, or ended as declared. An end of which nobody can tell any
     * more, since the supervisor itself was lost, must.
     */
    public Optional<String> undeclaredDeath() {
        if (child.exit().isCompletedExceptionally()) {
            return Optional.of(this + " ended in a way that is not known: its supervisor is gone" + tails());
        }
        return exit().flatMap(exit -> {
            Predicate<? super Exit> declared = expected;
            if (declared != null) {
                return declared.test(exit)
                        ? Optional.empty()
                        : Optional.of(this + " " + exit + ", but should have " + described(declared) + tails());
            }
            boolean fine = exit.isSuccess() || ordered.stream().anyMatch(p -> p.test(exit));
            return fine
                    ? Optional.empty()
                    : Optional.of(this + " " + exit + ", which expectExit had not declared" + tails());
        });
    }

    /** Why it must fail the test that it lives; empty if it need not have ended. */
    public Optional<String> missingDeath() {
        Predicate<? super Exit> declared = expected;
        return declared == null || !isAlive()
                ? Optional.empty()
                : Optional.of(this + " should have " + described(declared) + ", but is " + state());
    }

    /** Only our own say what they are for; what a lambda's toString() returns helps nobody. */
    private static String described(Predicate<? super Exit> declared) {
        return declared instanceof ExitPredicate known ? known.toString() : "ended as expectExit declared";
    }

    /** It is about to be ended, since that test or class is over. */
    public void endsWith(String owner) {
        over = "; it was ended with " + owner
                + ", by which it was started, and what uses it longer has to start it, as "
                + "@BeforeAll does for all tests of a class";
    }

    /** Why it is gone, if its test has ended it, for messages; else empty. */
    String over() {
        return over;
    }

    /** The end of what it wrote to standard error, for messages. */
    String stderrTail() {
        return tail("stderr", child.stderr());
    }

    /** The end of what it wrote, as far as it says why the helper ended. */
    String tails() {
        return stderrTail();
    }

    String stdoutTail() {
        return tail("stdout", child.stdout());
    }

    static String tail(String stream, OutputBuffer output) {
        List<String> lines = output.lastLines(TAIL_LINES);
        return lines.isEmpty() ? "" : "; " + stream + ":\n  " + String.join("\n  ", lines);
    }

    @Override
    public Exit kill() {
        order(ExitPredicate.killedBy(Signal.SIGKILL));
        child.signalGroup(Signal.SIGKILL.number());
        return awaitExit();
    }

    @Override
    public void suspend() {
        child.signal(Signal.SIGSTOP.number());
        awaitState(HelperState.STOPPED);
    }

    @Override
    public void resume() {
        child.signal(Signal.SIGCONT.number());
        long limit = System.nanoTime() + timeouts.answer().toNanos();
        while (state() == HelperState.STOPPED) {
            if (System.nanoTime() - limit > 0) {
                throw new ShmTimeoutException(this + " did not resume within "
                        + timeouts.answer().toMillis() + " ms; it is " + HelperState.STOPPED);
            }
            LockSupport.parkNanos(CONT_PAUSE_NANOS); // an interrupted thread must let others go, too
        }
    }

    @Override
    public void signal(Signal signal) {
        order(ExitPredicate.killedBy(signal));
        child.signal(signal.number());
    }

    @Override
    public void awaitState(HelperState wanted) {
        awaitState(wanted, timeouts.byDefault());
    }

    @Override
    public void awaitState(HelperState wanted, Duration max) {
        await("become " + wanted, () -> state() == wanted, max);
    }

    @Override
    public void awaitBlockedOn(Segment segment, long offset) {
        awaitBlockedOn(segment, offset, timeouts.byDefault());
    }

    @Override
    public void awaitBlockedOn(Segment segment, long offset, Duration max) {
        await(
                "block at offset " + offset + " of '" + segment.label() + "'",
                () -> Blocked.offsets(pid(), segment).contains(offset),
                max);
    }

    private void await(String what, BooleanSupplier done, Duration max) {
        long start = System.nanoTime();
        while (!done.getAsBoolean()) {
            HelperState now = state();
            if (now == HelperState.EXITED) {
                throw new ShmException(this + " cannot " + what + " any more: it "
                        + exit().map(Exit::toString).orElse("is gone") + stderrTail());
            }
            if (System.nanoTime() - start > max.toNanos()) {
                throw new ShmTimeoutException(
                        this + " did not " + what + " within " + max.toMillis() + " ms; it is " + now);
            }
            try {
                TimeUnit.MICROSECONDS.sleep(500);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ShmException("interrupted while waiting for " + this + " to " + what, e);
            }
        }
    }

    @Override
    public void close() {
        if (isAlive()) {
            order(ExitPredicate.killedBy(Signal.SIGKILL));
            child.signalGroup(Signal.SIGKILL.number());
            exitNews();
        }
    }

    /** The last things that it was told to do, oldest first; none where we do not tell it what to do. */
    public List<String> journal() {
        return List.of();
    }

    /** For messages: {@code helper 'writer' (pid 4711)}. */
    @Override
    public String toString() {
        return "helper '" + name + "' (pid " + child.pid() + ")";
    }
}
