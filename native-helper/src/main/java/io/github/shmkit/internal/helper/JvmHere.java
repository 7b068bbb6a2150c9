package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.Signal;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Output;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallable;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A JVM helper that is no process but threads of this one, so that a debugger sees both sides. */
final class JvmHere implements JvmHelper {
    private final JvmHelpers.Making making;
    private final JvmContext context;
    private final JvmTasks tasks;
    private final Timeouts timeouts;
    private final CompletableFuture<Exit> end = new CompletableFuture<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    JvmHere(JvmHelpers.Making making) {
        this.making = making;
        this.context = new JvmContext(making.configuration());
        this.timeouts = making.helpers().timeouts();
        this.tasks = new JvmTasks(
                toString(),
                "--- in helper '" + making.name() + "' in process ---",
                timeouts.byDefault(),
                () -> state().toString(),
                number -> stack(JvmMain.TASK + number),
                making.helpers().checkpoints().unseen());
        making.helpers().checkpoints().join(making.name()).started(pid(), end, () -> true);
    }

    @Override
    public <T extends @Nullable Object> T call(RemoteCallable<T> task) {
        return submit(task).await();
    }

    /** By way of bytes, as a process would: what works here is to work there. */
    @Override
    public <T extends @Nullable Object> Remote<T> submit(RemoteCallable<T> task) {
        if (!isAlive()) {
            throw new ShmException(this + " is closed");
        }
        return tasks.submit(task, message -> {
            Thread thread =
                    new Thread(() -> tasks.answered(JvmMain.answer(message, context)), JvmMain.TASK + message.number());
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        });
    }

    private List<String> stack(String thread) {
        return threads.stream()
                .filter(each -> each.getName().equals(thread))
                .flatMap(each -> Arrays.stream(each.getStackTrace()))
                .map(frame -> "at " + frame)
                .toList();
    }

    @Override
    public Remote<@Nullable Void> main(Class<?> program, String... arguments) {
        return submit(JvmTasks.main(making, program, arguments));
    }

    @Override
    public String name() {
        return making.name();
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public boolean isAlive() {
        return !end.isDone();
    }

    @Override
    public HelperState state() {
        return isAlive() ? HelperState.RUNNING : HelperState.EXITED;
    }

    @Override
    public Output stdout() {
        return new Nothing();
    }

    @Override
    public Output stderr() {
        return new Nothing();
    }

    /** It writes where this JVM does. */
    private record Nothing() implements Output {
        @Override
        public String text() {
            return "";
        }

        @Override
        public List<String> lines() {
            return List.of();
        }

        @Override
        public long total() {
            return 0;
        }
    }

    @Override
    public Exit awaitExit() {
        return awaitExit(timeouts.byDefault());
    }

    @Override
    public Exit awaitExit(Duration max) {
        try {
            return end.get(max.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new ShmTimeoutException(
                    this + " did not end within " + max.toMillis() + " ms: only close() ends it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while waiting for the end of " + this, e);
        }
    }

    @Override
    public JvmHelper expectExit(Predicate<? super Exit> expected) {
        return this; // nothing can befall it that does not befall the test
    }

    private UnsupportedOperationException noProcess(String what) {
        return new UnsupportedOperationException(
                this + " cannot be " + what + ": it runs in the test's own process; leave inProcess() away");
    }

    @Override
    public Exit kill() {
        throw noProcess("killed");
    }

    @Override
    public void suspend() {
        throw noProcess("suspended");
    }

    @Override
    public void resume() {
        throw noProcess("resumed");
    }

    @Override
    public void signal(Signal signal) {
        throw noProcess("sent " + signal);
    }

    @Override
    public void awaitState(HelperState state) {
        awaitState(state, timeouts.byDefault());
    }

    @Override
    public void awaitState(HelperState state, Duration max) {
        if (state() != state) {
            throw noProcess("waited for until it is " + state);
        }
    }

    @Override
    public void awaitBlockedOn(Segment segment, long offset) {
        awaitBlockedOn(segment, offset, timeouts.byDefault());
    }

    @Override
    public void awaitBlockedOn(Segment segment, long offset, Duration max) {
        throw noProcess("waited for until it blocks");
    }

    @Override
    public void close() {
        if (end.complete(Exit.code(0))) {
            // Before the interrupt: what a task throws because of it is no failure of the task.
            tasks.end(() -> new HelperDiedException(this + " is closed", Optional.of(Exit.code(0))));
            threads.forEach(Thread::interrupt);
            context.close();
        }
    }

    @Override
    public String toString() {
        return "helper '" + making.name() + "' (in process)";
    }
}
