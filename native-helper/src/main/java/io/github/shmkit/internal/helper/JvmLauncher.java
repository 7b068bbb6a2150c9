package io.github.shmkit.internal.helper;

import io.github.shmkit.Exit;
import io.github.shmkit.HelperDiedException;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.guard.Child;
import io.github.shmkit.internal.guard.LaunchSpec;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.UnixListener;
import io.github.shmkit.internal.os.UnixSocket;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.session.SessionId;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Starts JVMs for one session, and keeps one in reserve once the first was asked for.
 *
 * <p>They connect to a socket in the session's private directory, where nobody but this user can; who connects is known by
 * the pid that the kernel gives.
 */
public final class JvmLauncher implements AutoCloseable {
    private static final int ACCEPT_MILLIS = 200;

    private final Session session;
    private final Timeouts timeouts;
    private final boolean warm;
    private final Map<Integer, CompletableFuture<UnixSocket>> connections = new ConcurrentHashMap<>();
    private @Nullable UnixListener listener;
    private JvmArguments.@Nullable Parent parent;
    private @Nullable CompletableFuture<Jvm> spare;
    private boolean closed;

    /** A JVM that has connected and does not know yet who it is. */
    record Jvm(Child child, UnixSocket socket) {
        void end() {
            child.signalGroup(Signal.SIGKILL.number());
            socket.close();
        }
    }

    /**
     * Starts none yet.
     *
     * @param timeoutFactor every limit on waiting is multiplied by it
     * @param warm whether to keep a JVM in reserve, from the first helper on
     */
    public JvmLauncher(Session session, double timeoutFactor, boolean warm) {
        this.session = session;
        this.timeouts = new Timeouts(timeoutFactor);
        this.warm = warm;
    }

    Session session() {
        return session;
    }

    // --- connections ---

    private String socketPath() {
        String supervisors = session.supervisor().socketPath();
        return supervisors.substring(0, supervisors.length() - "sock".length()) + "jvm";
    }

    private synchronized void listen() {
        if (closed) {
            throw new IllegalStateException("the session's JVMs have ended");
        }
        if (listener == null) {
            UnixListener bound = UnixListener.bind(socketPath());
            listener = bound;
            Thread thread = new Thread(() -> acceptAll(bound), "shmkit JVM helpers");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void acceptAll(UnixListener bound) {
        while (!isClosed()) {
            bound.accept(ACCEPT_MILLIS).ifPresent(accepted -> {
                if (accepted.uid() != Os.euid()) {
                    accepted.socket().close();
                } else {
                    connections
                            .computeIfAbsent(accepted.pid(), pid -> new CompletableFuture<>())
                            .complete(accepted.socket());
                }
            });
        }
        bound.close();
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    // --- starting ---

    /** A JVM, the reserve if it fits. */
    Jvm start(String name, JvmArguments arguments, Path errorDirectory, boolean patient) {
        Optional<Jvm> ready = arguments.equals(JvmArguments.PLAIN) ? takeSpare() : Optional.empty();
        return ready.orElseGet(() -> launch(name, arguments, errorDirectory, patient, false));
    }

    private Optional<Jvm> takeSpare() {
        CompletableFuture<Jvm> taken;
        synchronized (this) {
            taken = spare;
            spare = null;
        }
        if (taken == null) {
            return Optional.empty();
        }
        try {
            Jvm jvm = taken.get(timeouts.answer().toMillis(), TimeUnit.MILLISECONDS);
            if (jvm.child().exit().isDone()) {
                jvm.socket().close();
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

    /** Starts the next reserve, if that is wanted and there is none. */
    synchronized void prepareSpare() {
        if (!warm || closed || spare != null) {
            return;
        }
        CompletableFuture<Jvm> next = new CompletableFuture<>();
        spare = next;
        Path errors = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        Thread thread = new Thread(
                () -> {
                    try {
                        next.complete(launch("the next one", JvmArguments.PLAIN, errors, false, true));
                    } catch (RuntimeException e) {
                        next.completeExceptionally(e);
                    }
                },
                "shmkit JVM in reserve");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until the reserve, if one is on its way, is there. */
    public void awaitSpare() {
        CompletableFuture<Jvm> coming;
        synchronized (this) {
            coming = spare;
        }
        if (coming != null) {
            coming.orTimeout(timeouts.answer().toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    private synchronized JvmArguments.Parent parent() {
        if (parent == null) {
            parent = JvmArguments.Parent.current();
        }
        return parent;
    }

    private Jvm launch(String name, JvmArguments arguments, Path errorDirectory, boolean patient, boolean reserve) {
        listen();
        Module module = JvmMain.class.getModule();
        List<String> all =
                new ArrayList<>(arguments.of(parent(), errorDirectory, module.isNamed() ? module.getName() : ""));
        if (module.isNamed()) {
            all.addAll(List.of("-m", module.getName() + "/" + JvmMain.class.getName()));
        } else {
            all.add(JvmMain.class.getName());
        }
        all.add(socketPath());
        if (reserve) {
            all.add(JvmMain.RESERVE);
        }
        Path java = Path.of(System.getProperty("java.home", ""), "bin", "java");
        if (!Files.isExecutable(java)) {
            throw new ShmException("JVM helper '" + name + "' cannot be started: there is no program " + java);
        }
        // No file to leave behind, and class paths of any length.
        int file = Os.memfd("shmkit-java-arguments");
        try {
            Os.writeFully(file, JvmArguments.file(all).getBytes(StandardCharsets.UTF_8));
            Child child = session.supervisor()
                    .launch(new LaunchSpec(
                            List.of(java.toString(), "@/proc/" + Os.pid() + "/fd/" + file),
                            environment(),
                            new File("").getAbsolutePath()));
            return new Jvm(child, connected(name, child, patient ? Timeouts.forever() : timeouts.answer()));
        } finally {
            Os.close(file);
        }
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        // The options of these are among those of this JVM already.
        List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS").forEach(environment::remove);
        environment.keySet().removeIf(n -> n.startsWith(Variables.PREFIX));
        environment.put(SessionId.VARIABLE, session.id().text());
        return environment;
    }

    private UnixSocket connected(String name, Child child, Duration max) {
        CompletableFuture<UnixSocket> connection =
                connections.computeIfAbsent(child.pid(), pid -> new CompletableFuture<>());
        try {
            var unused = CompletableFuture.anyOf(connection, child.exit()).get(max.toMillis(), TimeUnit.MILLISECONDS);
            if (!connection.isDone()) {
                Exit exit = child.exit().join();
                throw new HelperDiedException(
                        "JVM helper '" + name + "' (pid " + child.pid() + ") " + exit + " before it was ready"
                                + HelperProcess.tail("stdout", child.stdout())
                                + HelperProcess.tail("stderr", child.stderr()),
                        Optional.of(exit));
            }
            return connection.join();
        } catch (InterruptedException e) {
            child.signalGroup(Signal.SIGKILL.number());
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while JVM helper '" + name + "' was started", e);
        } catch (TimeoutException e) {
            child.signalGroup(Signal.SIGKILL.number());
            throw new ShmException(
                    "JVM helper '" + name + "' (pid " + child.pid() + ") did not connect within " + max.toMillis()
                            + " ms" + HelperProcess.tail("stdout", child.stdout())
                            + HelperProcess.tail("stderr", child.stderr()),
                    e);
        } catch (ExecutionException e) {
            throw new ShmException("the JVM helper '" + name + "' was lost: " + e.getCause(), e);
        } finally {
            connections.remove(child.pid());
        }
    }

    @Override
    public void close() {
        CompletableFuture<Jvm> last;
        boolean listened;
        synchronized (this) {
            if (closed) {
                return;
            }
            last = spare;
            spare = null;
            listened = listener != null;
        }
        if (last != null) {
            try {
                Jvm jvm = last.get(timeouts.answer().toMillis(), TimeUnit.MILLISECONDS);
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
        if (listened) {
            Os.unlinkat(Os.AT_FDCWD, socketPath());
        }
    }
}
