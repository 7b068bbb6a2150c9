package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.guard.Child;
import io.github.shmkit.internal.guard.LaunchSpec;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.PipePair;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Starts JVMs for one session, and keeps one in reserve once the first was asked for.
 *
 * <p>Each has two pipes to this JVM, see {@link PipePair}.
 */
public final class JvmLauncher implements AutoCloseable {
    /** So long at most it takes to notice that a JVM ended at its start, or that we are interrupted. */
    private static final int SLICE_MILLIS = 20;
    /** So long at most a helper that was just started has the processors before the next reserve does. */
    private static final int PRECEDENCE_MILLIS = 50;

    private final Session session;
    private final Timeouts timeouts;
    private final boolean warm;
    private @Nullable Spare spare;
    private boolean closed;

    /** A JVM that is up and does not know yet who it is. */
    record Jvm(Child child, PipePair pipes) {
        void end() {
            child.signalGroup(Signal.SIGKILL.number());
            pipes.close();
        }
    }

    /**
     * The reserve.
     *
     * @param parent what it is made like
     * @param jvm once it is there
     * @param due open when it is to be started at once
     * @param decided true once it is certain whether it is started: who made it so decided
     */
    private record Spare(
            JvmArguments.Parent parent, CompletableFuture<Jvm> jvm, CountDownLatch due, AtomicBoolean decided) {
        Spare(JvmArguments.Parent parent) {
            this(parent, new CompletableFuture<>(), new CountDownLatch(1), new AtomicBoolean());
        }
    }

    /**
     * Starts none yet.
     *
     * @param timeouts how long to wait
     * @param warm whether to keep a JVM in reserve, from the first helper on
     */
    public JvmLauncher(Session session, Timeouts timeouts, boolean warm) {
        this.session = session;
        this.timeouts = timeouts;
        this.warm = warm;
    }

    Session session() {
        return session;
    }

    // --- starting ---

    /** A JVM, the reserve if it fits. */
    Jvm start(String name, JvmArguments arguments, Path errorDirectory, boolean patient) {
        JvmArguments.Parent parent = JvmArguments.Parent.current();
        Optional<Jvm> ready = arguments.equals(JvmArguments.PLAIN) ? takeSpare(parent) : Optional.empty();
        return ready.orElseGet(
                () -> launch(name, parent, arguments, errorDirectory, patient, false, UnaryOperator.identity()));
    }

    /**
     * A JVM that another program starts.
     *
     * @param command makes its command the other program's
     */
    Jvm start(
            String name,
            JvmArguments arguments,
            Path errorDirectory,
            boolean patient,
            UnaryOperator<List<String>> command) {
        return launch(name, JvmArguments.Parent.current(), arguments, errorDirectory, patient, false, command);
    }

    private Optional<Jvm> takeSpare(JvmArguments.Parent parent) {
        Spare taken;
        synchronized (this) {
            taken = spare;
            if (taken == null || !taken.parent().equals(parent)) { // who has other classes leaves it to the next
                return Optional.empty();
            }
            spare = null;
        }
        taken.due().countDown();
        try {
            Jvm jvm = taken.jvm().get(timeouts.answer().toMillis(), TimeUnit.MILLISECONDS);
            if (jvm.child().exit().isDone()) {
                jvm.pipes().close();
                return Optional.empty();
            }
            return Optional.of(jvm);
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty(); // an ordinary start will tell why
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while a JVM helper was started", e);
        }
    }

    /** Starts the next reserve soon, if that is wanted and there is none. */
    synchronized void prepareSpare() {
        if (!warm || closed || spare != null) {
            return;
        }
        Spare next = new Spare(JvmArguments.Parent.current());
        spare = next;
        Path errors = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        Thread thread = new Thread(
                () -> {
                    try {
                        var unused = next.due().await(PRECEDENCE_MILLIS, TimeUnit.MILLISECONDS);
                        if (next.decided().compareAndSet(false, true)) {
                            next.jvm()
                                    .complete(launch(
                                            "the next one",
                                            next.parent(),
                                            JvmArguments.PLAIN,
                                            errors,
                                            false,
                                            true,
                                            UnaryOperator.identity()));
                        }
                    } catch (RuntimeException | InterruptedException e) {
                        next.jvm().completeExceptionally(e);
                    }
                },
                "shmkit JVM in reserve");
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts the reserve now, if it still waits: the helper before it has done its first task. */
    synchronized void spareIsDue() {
        if (spare != null) {
            spare.due().countDown();
        }
    }

    /** Waits until the reserve, if one is on its way, is there. */
    public void awaitSpare() {
        Spare coming;
        synchronized (this) {
            coming = spare;
        }
        if (coming != null) {
            coming.due().countDown();
            coming.jvm()
                    .orTimeout(timeouts.answer().toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    private Jvm launch(
            String name,
            JvmArguments.Parent parent,
            JvmArguments arguments,
            Path errorDirectory,
            boolean patient,
            boolean reserve,
            UnaryOperator<List<String>> command) {
        requireOpen();
        Module module = JvmMain.class.getModule();
        List<String> all =
                new ArrayList<>(arguments.of(parent, errorDirectory, module.isNamed() ? module.getName() : ""));
        if (module.isNamed()) {
            all.addAll(List.of("-m", module.getName() + "/" + JvmMain.class.getName()));
        } else {
            all.add(JvmMain.class.getName());
        }
        Path java = Path.of(System.getProperty("java.home", ""), "bin", "java");
        if (!Files.isExecutable(java)) {
            throw new ShmException("JVM helper '" + name + "' cannot be started: there is no program " + java);
        }
        // No file to leave behind, and class paths of any length.
        int file = Os.memfd("shmkit-java-arguments");
        try {
            PipePair pipes = new PipePair();
            try {
                all.addAll(List.of(pipes.peerReads(), pipes.peerWrites()));
                if (reserve) {
                    all.add(JvmMain.RESERVE);
                }
                Os.writeFully(file, JvmArguments.file(all).getBytes(StandardCharsets.UTF_8));
                Child child = session.supervisor()
                        .launch(new LaunchSpec(
                                command.apply(List.of(java.toString(), "@" + ProcFs.self() + "/fd/" + file)),
                                environment(),
                                new File("").getAbsolutePath()));
                awaitOpened(name, child, pipes, patient ? Timeouts.forever() : timeouts.answer());
                return new Jvm(child, pipes);
            } catch (RuntimeException | Error e) {
                pipes.close();
                throw e;
            }
        } finally {
            Os.close(file);
        }
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the session's JVMs have ended");
        }
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        // The options of these are among those of this JVM already.
        List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS").forEach(environment::remove);
        environment.keySet().removeIf(n -> n.startsWith(Variables.PREFIX));
        environment.put(SessionSecret.VARIABLE, session.secret().text());
        return environment;
    }

    /** Until it has opened the pipes, of which a first byte tells: then their other ends are its own. */
    private static void awaitOpened(String name, Child child, PipePair pipes, Duration max) {
        String helper = "JVM helper '" + name + "' (pid " + child.pid() + ")";
        long start = System.nanoTime();
        boolean ended;
        do {
            ended = child.exit().isDone(); // before the look: what it said last counts
            if (pipes.read(new byte[1], ended ? 0 : SLICE_MILLIS) > 0) {
                pipes.closePeersEnds();
                return;
            }
            if (!ended && Thread.currentThread().isInterrupted()) {
                child.signalGroup(Signal.SIGKILL.number());
                throw new ShmException("interrupted while " + helper + " was started");
            }
            if (!ended && System.nanoTime() - start > max.toNanos()) {
                child.signalGroup(Signal.SIGKILL.number());
                throw new ShmTimeoutException(helper + " did not open its pipes within " + max.toMillis() + " ms"
                        + HelperProcess.tail("stdout", child.stdout()) + HelperProcess.tail("stderr", child.stderr()));
            }
        } while (!ended);
        if (child.exit().isCompletedExceptionally()) {
            throw new ShmException(helper + " was lost with the supervisor that started it");
        }
        Exit exit = child.exit().join();
        throw new HelperDiedException(
                helper + " " + exit + " before it was ready" + HelperProcess.tail("stdout", child.stdout())
                        + HelperProcess.tail("stderr", child.stderr()),
                Optional.of(exit));
    }

    @Override
    public void close() {
        Spare last;
        synchronized (this) {
            if (closed) {
                return;
            }
            last = spare;
            spare = null;
        }
        if (last != null && last.decided().compareAndSet(false, true)) {
            last.due().countDown(); // only the thread that waits has to end
        } else if (last != null) {
            try {
                Jvm jvm = last.jvm().get(timeouts.answer().toMillis(), TimeUnit.MILLISECONDS);
                jvm.end();
                var unused = jvm.child().exit().get(timeouts.news().toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                // the supervisor ends whatever there is
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (this) {
            closed = true;
        }
    }
}
