package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.process.Exit;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The native process that guards this JVM: forks native helpers, runs commands, tells of every death, and cleans up
 * when this JVM is gone. PROTOCOL.md describes the conversation.
 */
public final class Supervisor implements AutoCloseable {
    private static final int VERSION = 1;
    private static final int FRAME_MAX = 1 << 20;

    private static final int REQUEST_LAUNCH = 1;
    private static final int REQUEST_SIGNAL = 2;
    private static final int REQUEST_BYE = 3;
    private static final int REQUEST_FLUSH = 4;

    private static final int EVENT_READY = 1;
    private static final int EVENT_BORN = 2;
    private static final int EVENT_OUTPUT = 3;
    private static final int EVENT_EXIT = 4;
    private static final int EVENT_LAUNCHED = 5;
    private static final int EVENT_LAUNCH_FAILED = 6;
    private static final int EVENT_DONE = 7;
    private static final int EVENT_FLUSHED = 8;

    private final NativeProcess program;
    private final Process process;
    private final OutputStream requests;
    private final String socketPath;
    private final Map<Integer, Child> children = new ConcurrentHashMap<>();
    private final Map<Integer, CompletableFuture<Integer>> launches = new ConcurrentHashMap<>();
    private final Map<Integer, CompletableFuture<Boolean>> flushes = new ConcurrentHashMap<>();
    private final AtomicInteger requestIds = new AtomicInteger();
    private final CompletableFuture<Integer> ready = new CompletableFuture<>();
    private final CompletableFuture<Reaped> done = new CompletableFuture<>();

    /** What the supervisor did at the end. */
    public record Reaped(int processes, int removed, int kept) {}

    private Supervisor(NativeProcess program, String socketPath) {
        this.program = program;
        this.process = program.process();
        this.requests = process.getOutputStream();
        this.socketPath = socketPath;
    }

    /**
     * Starts the supervisor of this JVM and waits until it guards.
     *
     * @param privateDirectory where the ledger is and its socket will be
     * @param stem "session.fork"
     */
    public static Supervisor start(String privateDirectory, String stem) {
        long pid = ProcessHandle.current().pid();
        long startTime = ProcFs.startTime(pid).orElseThrow();
        NativeProcess program = HelperProgram.start(
                "supervise", List.of(privateDirectory, stem, Long.toString(pid), Long.toString(startTime)));
        Supervisor supervisor = new Supervisor(program, privateDirectory + "/" + stem + ".sock");
        Thread events = new Thread(supervisor::readEvents, "shmkit supervisor");
        events.setDaemon(true);
        events.start();
        try {
            int version = Answers.await(supervisor.ready, "the native helper did not become ready");
            if (version != VERSION) {
                throw new ShmException("the native helper speaks version " + version + " of the protocol, this library "
                        + VERSION + ": " + HelperProgram.PATH_PROPERTY + " names a program of another release");
            }
            return supervisor;
        } catch (RuntimeException | Error e) {
            program.close();
            throw e;
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Whoever connects here gets a native helper of his own. */
    public String socketPath() {
        return socketPath;
    }

    /**
     * The process with that pid, which the supervisor forked and may be only about to tell us of.
     *
     * <p>To be called once for each process, since its pid is another's after its death.
     */
    public Child claim(int pid) {
        Child child = child(pid);
        child.claimed = true;
        if (child.exit().isDone()) {
            children.remove(pid, child);
        }
        return child;
    }

    /** Whether it started that living process, as far as can be known while it may be about to tell us of one. */
    public boolean mayHaveStarted(long pid) {
        return !launches.isEmpty() || children.containsKey((int) pid);
    }

    /** Has the end of a process told to its holder if that is news to the supervisor only: its parent died before it. */
    public void adopt(Child child) {
        child.claimed = true;
        children.put(child.pid(), child);
        var unused = child.exit().whenComplete((exit, failure) -> children.remove(child.pid(), child));
        if (done.isCompletedExceptionally()) {
            lose(child);
        }
    }

    private Child child(int pid) {
        Child child = children.computeIfAbsent(pid, p -> new Child(this, p));
        if (done.isCompletedExceptionally()) {
            lose(child);
        }
        return child;
    }

    private void born(int pid) {
        Child known = children.get(pid);
        if (known != null && known.exit().isDone()) {
            children.remove(pid, known); // never claimed, and the kernel gave its pid to the next one
        }
        child(pid);
    }

    /**
     * Runs a program in a process group of its own.
     *
     * @throws ShmException if it cannot be started, with the reason
     */
    public Child launch(LaunchSpec spec) {
        int id = requestIds.incrementAndGet();
        CompletableFuture<Integer> launched = new CompletableFuture<>();
        launches.put(id, launched);
        Frame frame = new Frame(REQUEST_LAUNCH).integer(id).integer(spec.argv().size());
        spec.argv().forEach(frame::text);
        frame.integer(spec.environment().size());
        spec.environment().forEach((name, value) -> frame.text(name + "=" + value));
        frame.text(spec.directory()).text(spec.input());
        frame.integer(spec.inherited().size());
        spec.inherited().forEach(frame::text);
        try {
            send(frame);
            return claim(Answers.await(launched, "the command " + spec.argv().get(0) + " was not started"));
        } finally {
            launches.remove(id);
        }
    }

    void signal(int pid, int signo, boolean group) {
        send(new Frame(REQUEST_SIGNAL).integer(pid).integer(signo).integer(group ? 1 : 0));
    }

    /** Waits until all that the process has written until now is here; where that cannot be had, at most 10 s. */
    void flush(int pid) {
        int id = requestIds.incrementAndGet();
        CompletableFuture<Boolean> flushed = new CompletableFuture<>();
        flushes.put(id, flushed);
        try {
            if (!done.isDone()) {
                send(new Frame(REQUEST_FLUSH).integer(id).integer(pid));
                boolean unused = Answers.await(flushed, "the output of process " + pid + " was not told");
            }
        } catch (ShmException e) {
            // the supervisor is gone or stopped, and with it what was on its way
        } finally {
            flushes.remove(id);
        }
    }

    private void send(Frame frame) {
        byte[] bytes = frame.bytes();
        if (bytes.length > FRAME_MAX) {
            throw new ShmException("a request of " + bytes.length + " bytes is too long for the native helper; "
                    + "arguments and environment together may have " + FRAME_MAX);
        }
        // A pipe that is full blocks a writer for good while the supervisor is stopped; only its end ends that.
        CompletableFuture<Void> stall = CompletableFuture.runAsync(
                process::destroyForcibly, CompletableFuture.delayedExecutor(Answers.SECONDS, TimeUnit.SECONDS));
        try {
            synchronized (requests) {
                requests.write(bytes);
                requests.flush();
            }
        } catch (IOException e) {
            throw new ShmException("the native helper of this JVM took no request: it " + program.end(), e);
        } finally {
            stall.cancel(false);
        }
    }

    /** Ends all helpers, has what is left in the ledger removed, and waits for the supervisor's end. */
    public Reaped end() {
        try {
            send(new Frame(REQUEST_BYE));
            Reaped reaped = Answers.await(done, "the native helper did not end");
            Answers.await(process.onExit(), "the native helper did not end"); // so that it is not among our children
            return reaped;
        } finally {
            program.close();
        }
    }

    @Override
    public void close() {
        end();
    }

    // --- events ---

    private void readEvents() {
        try (InputStream in = process.getInputStream();
                DataInputStream events = new DataInputStream(in)) {
            while (true) {
                int size = Integer.reverseBytes(events.readInt());
                if (size < 1 || size > FRAME_MAX) {
                    throw new IOException("malformed event of " + size + " bytes");
                }
                byte[] payload = new byte[size];
                events.readFully(payload);
                handle(ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN));
            }
        } catch (EOFException e) {
            lost("the native helper of this JVM " + program.end());
        } catch (IOException | BufferUnderflowException e) {
            lost("the native helper of this JVM was lost: " + e.getMessage());
        }
    }

    private void handle(ByteBuffer event) {
        int type = event.get();
        switch (type) {
            case EVENT_READY -> ready.complete(event.getInt());
            case EVENT_BORN -> born(event.getInt());
            case EVENT_OUTPUT -> {
                Child child = child(event.getInt());
                OutputBuffer stream = event.get() == 1 ? child.stdout() : child.stderr();
                byte[] bytes = new byte[event.remaining()];
                event.get(bytes);
                stream.append(bytes);
            }
            case EVENT_EXIT -> {
                int pid = event.getInt();
                Child child = children.get(pid);
                if (child == null) {
                    return; // an orphan that nobody asked for: BORN came before, for all others
                }
                child.exit().complete(Exit.ofWaitStatus(event.getInt()));
                if (child.claimed) {
                    children.remove(pid, child);
                }
            }
            case EVENT_LAUNCHED -> launch(event.getInt()).complete(event.getInt());
            case EVENT_LAUNCH_FAILED -> launch(event.getInt()).completeExceptionally(launchFailure(event));
            case EVENT_FLUSHED -> {
                CompletableFuture<Boolean> flushed = flushes.get(event.getInt());
                if (flushed != null) {
                    flushed.complete(true);
                }
            }
            case EVENT_DONE -> done.complete(new Reaped(event.getInt(), event.getInt(), event.getInt()));
            default -> lost("the native helper of this JVM sent an unknown event " + type);
        }
    }

    private CompletableFuture<Integer> launch(int id) {
        return launches.getOrDefault(id, new CompletableFuture<>());
    }

    private static ShmException launchFailure(ByteBuffer event) {
        int errno = event.getInt();
        String command = StandardCharsets.UTF_8.decode(event).toString();
        return new ShmException("cannot run '" + command + "': "
                + (errno == Errno.ETIMEDOUT
                        ? "the kernel did not execute it in time; its program, its directory or a file that it inherits "
                                + "may be on a file system that does not answer"
                        : Errno.describe(errno)));
    }

    private void lost(String why) {
        ShmException failure = new ShmException(why);
        ready.completeExceptionally(failure);
        done.completeExceptionally(failure);
        launches.values().forEach(launch -> launch.completeExceptionally(failure));
        flushes.values().forEach(flush -> flush.completeExceptionally(failure));
        children.values().forEach(Supervisor::lose);
    }

    private static void lose(Child child) {
        child.exit()
                .completeExceptionally(
                        new ShmException("how process " + child.pid() + " ended is not known: its supervisor is gone"));
    }

    /** A request in the making. */
    private static final class Frame {
        private final java.io.ByteArrayOutputStream payload = new java.io.ByteArrayOutputStream();

        Frame(int type) {
            payload.write(type);
        }

        Frame integer(int value) {
            payload.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
            return this;
        }

        Frame text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            integer(bytes.length);
            payload.writeBytes(bytes);
            return this;
        }

        byte[] bytes() {
            byte[] body = payload.toByteArray();
            return ByteBuffer.allocate(Integer.BYTES + body.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(body.length)
                    .put(body)
                    .array();
        }
    }
}
