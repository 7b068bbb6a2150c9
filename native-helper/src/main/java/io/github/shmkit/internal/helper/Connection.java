package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.UnixSocket;
import io.github.shmkit.process.Exit;
import io.github.shmkit.script.ScriptResult.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The conversation with one native helper.
 *
 * <p>Has no thread of its own: whoever waits for an answer reads what comes, for himself and for others, in slices short
 * enough that an interrupt and another reader's progress are seen at once.
 */
final class Connection implements AutoCloseable {
    static final int SLICE_MILLIS = 20;
    /**
     * What a socket takes without blocking, with room to spare; more than that waits for earlier answers. The kernel
     * charges about 1 KiB for the smallest message, of 208 KiB in all, so the number counts as well. Without these
     * limits both ends could block while writing to each other.
     */
    private static final int UNANSWERED_BYTES = 1 << 16;

    private static final int UNANSWERED_REQUESTS = 64;

    /** Room for the usual answer. */
    private static final int SMALL = 1 << 12;
    /** At most so much of a large answer is read at once: about what a socket holds. */
    private static final int PIECE = 1 << 17;

    private final UnixSocket socket;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final Queue<Pending> sent = new ArrayDeque<>();
    private final Map<Integer, CompletableFuture<Exit>> childExits = new ConcurrentHashMap<>();
    private int sentBytes;
    /** As large as the message that is coming in; the kernel's bytes are copied in and out of all of it. */
    private byte[] buffer = new byte[SMALL];

    private int filled;
    private volatile boolean ended;
    private volatile boolean closed;
    private volatile Wire.@Nullable Hello hello;
    private volatile Wire.@Nullable Fault fault;

    /** A request that was sent. */
    static final class Pending {
        private final int size;
        private final CompletableFuture<Ending> ending = new CompletableFuture<>();
        private volatile Wire.@Nullable Reply reply;

        private Pending(int size) {
            this.size = size;
        }

        /** How it ended, once it has; keeps none of the reply's bytes, unlike this object. */
        CompletableFuture<Ending> ending() {
            return ending;
        }

        Optional<Wire.Reply> reply() {
            return Optional.ofNullable(reply);
        }
    }

    /** Of a request that was answered. */
    record Ending(Status status, int last) {}

    /** How a wait ended. */
    enum Outcome {
        ANSWERED,
        HELPER_GONE,
        TIMED_OUT,
        INTERRUPTED
    }

    Connection(UnixSocket socket) {
        this.socket = socket;
    }

    /** Greets and sends a first request, both by one write. */
    Pending greet(String name, byte[] request, Duration max) {
        byte[] hello = Wire.hello(name);
        byte[] both = Arrays.copyOf(hello, hello.length + request.length);
        System.arraycopy(request, 0, both, hello.length, request.length);
        return send(both, max);
    }

    /** Waits for the helper's greeting; empty if none came. */
    Optional<Wire.Hello> awaitHello(Duration max) {
        await(() -> hello != null, max);
        return Optional.ofNullable(hello);
    }

    /** Sends a request; the order of requests is the order of answers. */
    Pending send(byte[] message, Duration max) {
        return send(message, Optional.empty(), max);
    }

    /** Sends a request with a descriptor, of which the helper gets a duplicate. */
    Pending send(byte[] message, Optional<UnixSocket> passed, Duration max) {
        waitForRoom(message.length, max);
        Pending pending = new Pending(message.length);
        writing.lock();
        try {
            synchronized (sent) {
                sent.add(pending);
                sentBytes += message.length;
            }
            write(message, passed, max);
        } finally {
            writing.unlock();
        }
        return pending;
    }

    /** Whether all requests were answered. */
    boolean isIdle() {
        synchronized (sent) {
            return sent.isEmpty();
        }
    }

    /** A helper that is busy does not read: what it can't take must not block this thread beyond interrupts. */
    private void waitForRoom(int size, Duration max) {
        Outcome outcome = await(
                () -> {
                    synchronized (sent) {
                        return sent.isEmpty()
                                || (sentBytes + size <= UNANSWERED_BYTES && sent.size() < UNANSWERED_REQUESTS);
                    }
                },
                max);
        if (outcome == Outcome.TIMED_OUT || outcome == Outcome.INTERRUPTED) {
            throw new ShmException("the helper is busy with " + sentBytes + " bytes of earlier scripts and "
                    + (outcome == Outcome.TIMED_OUT
                            ? "took no more within " + max.toMillis() + " ms"
                            : "the wait for it was interrupted"));
        }
    }

    /**
     * Writes all of a message. While the helper takes nothing more, what it says is read, so that it is not waiting for us.
     *
     * <p>A message that was cut off ends the conversation: nothing that follows could be understood.
     */
    private void write(byte[] message, Optional<UnixSocket> passed, Duration max) {
        long start = System.nanoTime();
        long limit = nanos(max);
        int done = 0;
        writing.lock();
        try {
            while (done < message.length && !closed) {
                int millis = done == 0 ? 0 : SLICE_MILLIS;
                int more = done == 0 && passed.isPresent()
                        ? socket.writeWithDescriptor(message, passed.get(), millis)
                        : socket.write(message, done, millis);
                done += more;
                if (more > 0) {
                    continue;
                }
                String why = Thread.currentThread().isInterrupted()
                        ? "the wait for it was interrupted"
                        : System.nanoTime() - start > limit
                                ? "took no more within " + max.toMillis() + " ms (is it stopped or busy?)"
                                : "";
                if (!why.isEmpty()) {
                    ended = true;
                    throw new ShmException("the helper took " + done + " of the " + message.length
                            + " bytes of a request, and " + why + "; it can be asked nothing more");
                }
                pump(SLICE_MILLIS, () -> false);
            }
            ended |= closed;
        } catch (OsException e) {
            // It is gone: reading comes to the end and tells.
        } finally {
            writing.unlock();
        }
    }

    private static long nanos(Duration max) {
        return max.compareTo(Duration.ofDays(365)) > 0 ? Long.MAX_VALUE : max.toNanos();
    }

    Outcome await(Pending pending, Duration max) {
        return await(() -> pending.reply != null, max);
    }

    Outcome await(BooleanSupplier condition, Duration max) {
        long start = System.nanoTime();
        long limit = nanos(max);
        while (true) {
            boolean over = ended; // before the condition: what came with the last bytes counts
            if (condition.getAsBoolean()) {
                return Outcome.ANSWERED;
            }
            if (over) {
                return Outcome.HELPER_GONE;
            }
            if (Thread.currentThread().isInterrupted()) {
                return Outcome.INTERRUPTED;
            }
            long left = limit - (System.nanoTime() - start);
            if (left <= 0) {
                return Outcome.TIMED_OUT;
            }
            pump((int) Math.min(SLICE_MILLIS, left / 1_000_000 + 1), condition);
        }
    }

    /** Takes what has come already. */
    void poll() {
        pump(0, () -> false);
    }

    private void pump(int millis, BooleanSupplier condition) {
        try {
            if (!reading.tryLock(millis, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            // Another thread may have read our answer while we waited for the lock.
            if (!ended && !condition.getAsBoolean()) {
                read(millis);
            }
        } finally {
            reading.unlock();
        }
    }

    private void read(int millis) {
        byte[] bytes = filled == 0 ? buffer : new byte[Math.min(buffer.length - filled, PIECE)];
        int got;
        try {
            got = closed ? -1 : socket.read(bytes, millis);
        } catch (OsException e) {
            got = -1;
        }
        if (got < 0) {
            ended = true;
            return;
        }
        if (bytes != buffer) {
            System.arraycopy(bytes, 0, buffer, filled, got);
        }
        filled += got;
        takeMessages();
    }

    private void takeMessages() {
        ByteBuffer in = ByteBuffer.wrap(buffer, 0, filled).order(ByteOrder.LITTLE_ENDIAN);
        int room = SMALL;
        while (in.remaining() >= Wire.LENGTH_SIZE) {
            int size = in.getInt(in.position());
            if (size < Integer.BYTES || size > Wire.MAX_BODY) {
                throw malformed("length " + size);
            }
            if (in.remaining() - Wire.LENGTH_SIZE < size) {
                room = Math.max(SMALL, Wire.LENGTH_SIZE + size);
                break;
            }
            byte[] body = new byte[size];
            in.position(in.position() + Wire.LENGTH_SIZE).get(body);
            try {
                take(Wire.decode(ByteBuffer.wrap(body)));
            } catch (IllegalArgumentException e) {
                throw malformed(e.getMessage() == null ? "" : e.getMessage());
            }
        }
        filled = in.remaining();
        if (room == buffer.length) {
            in.compact();
        } else {
            byte[] next = new byte[room];
            in.get(next, 0, filled);
            buffer = next;
        }
    }

    private ShmException malformed(String what) {
        ended = true;
        return new ShmException("the helper sent what no helper of this version sends: " + what);
    }

    private void take(Wire.Message message) {
        if (message instanceof Wire.Hello h) {
            hello = h;
        } else if (message instanceof Wire.Fault f) {
            fault = f;
        } else if (message instanceof Wire.ChildExit e) {
            exitOf(e.pid()).complete(Exit.ofWaitStatus(e.status()));
        } else if (message instanceof Wire.Reply reply) {
            synchronized (sent) {
                Pending pending = sent.poll();
                if (pending == null) {
                    throw new IllegalArgumentException("a reply to nothing");
                }
                sentBytes -= pending.size;
                pending.reply = reply;
                pending.ending.complete(new Ending(reply.status(), reply.last()));
            }
        }
    }

    /** Completes when the helper has said that its child with that pid ended. */
    CompletableFuture<Exit> exitOf(int pid) {
        return childExits.computeIfAbsent(pid, p -> new CompletableFuture<>());
    }

    /** The next child may have the same pid. */
    void forget(int pid) {
        childExits.remove(pid);
    }

    Optional<Wire.Fault> fault() {
        return Optional.ofNullable(fault);
    }

    boolean hasEnded() {
        return ended;
    }

    @Override
    public void close() {
        reading.lock();
        writing.lock();
        try {
            if (!closed) {
                closed = true;
                ended = true;
                socket.close();
            }
        } finally {
            writing.unlock();
            reading.unlock();
        }
    }
}
