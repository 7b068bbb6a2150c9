package io.github.shmkit.internal.trace;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Pidfd;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.trace.Held;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Gives a traced program turns: it makes one access for each. Not for several threads at once.
 *
 * <p>What it does in between is read from the tracer's log, which is there before the tracer waits for the next order.
 */
public final class Turns implements AutoCloseable {
    private static final int SIGUSR1 = 10;
    /** More than any program needs, and less than what a counter of it can hold. */
    private static final long NO_LIMIT = Long.MAX_VALUE / 2;

    private static final long SPIN_NANOS = 30_000;
    private static final long PARK_NANOS = 20_000;

    private final String name;
    private final Path file;
    private final CompletableFuture<?> ended;
    private final Duration max;
    private final RandomAccessFile log; // no channel, which an interrupt of the thread would close
    private final LogRecords records;
    private final byte[] headerBytes = new byte[LogHeader.SIZE];
    private final ByteBuffer header = ByteBuffer.wrap(headerBytes).order(ByteOrder.nativeOrder());
    private final @Nullable Pidfd tracer;
    private final Deque<LogRecord.Waits> waiting = new ArrayDeque<>();
    private final Map<Long, Open> open = new LinkedHashMap<>(); // by thread
    private final List<LogRecord.Made> made = new ArrayList<>();
    private long read = LogHeader.SIZE;
    private long given;
    private boolean over;
    private boolean unlimited;

    /** An access that was let go; its thread has not come to another one since. */
    private static final class Open {
        private final LogRecord.Waits access;
        private boolean made;

        Open(LogRecord.Waits access) {
            this.access = access;
        }
    }

    /**
     * Of a program that was just started so.
     *
     * @param name for messages
     * @param ended done when it has ended
     * @param max for a wait
     */
    public Turns(String name, Path file, List<String> labels, CompletableFuture<?> ended, Duration max) {
        this.name = name;
        this.file = file;
        this.ended = ended;
        this.max = max;
        this.records = new LogRecords(labels);
        try {
            this.log = new RandomAccessFile(file.toFile(), "rw");
        } catch (IOException e) {
            throw new ShmException("cannot open the tracer's log " + file, e);
        }
        this.tracer = tracer(); // now, while its pid is no other process's
    }

    private @Nullable Pidfd tracer() {
        poll();
        try {
            return LogHeader.tracer(header) == 0 ? null : Pidfd.open(LogHeader.tracer(header));
        } catch (OsException e) {
            if (e.is(Errno.ESRCH)) {
                return null; // so is the program
            }
            throw e;
        }
    }

    /** Accesses begin again: of a program whose window was closed, and is opened again. */
    public void restart() {
        poll();
        waiting.clear();
        open.clear();
        made.clear();
        over = false;
    }

    /** What it does, without waiting. */
    public Held.State look() {
        boolean gone = ended.isDone(); // before the look: what it wrote last counts
        poll();
        Held.State state = state(gone);
        if (state != Held.State.BLOCKED) {
            return state;
        }
        poll(); // its call may have ended before its state was read
        return state(gone);
    }

    private Held.State state(boolean gone) {
        if (unlimited) {
            return Held.State.RESUMED;
        } else if (over || (gone && (waiting.isEmpty() || isTracerGone()))) {
            return Held.State.ENDED;
        }
        boolean blocked = false;
        for (Open turn : open.values()) {
            char letter = ProcFs.state(turn.access.pid(), turn.access.tid());
            boolean sleeps = letter == 'S';
            boolean dead = letter == '?' || letter == 'Z' || letter == 'X';
            boolean blocks = !turn.made && sleeps && turn.access.systemCall().isPresent();
            if (!blocks && !dead && !(turn.made && sleeps)) {
                return Held.State.RESUMED; // it runs
            }
            blocked |= blocks;
        }
        if (!waiting.isEmpty()) {
            return Held.State.HELD;
        }
        return blocked ? Held.State.BLOCKED : Held.State.RESUMED;
    }

    private boolean isTracerGone() {
        return LogFile.State.COMPLETE == LogFile.State.of(LogHeader.state(header))
                || ProcessHandle.of(LogHeader.tracer(header)).isEmpty();
    }

    /**
     * Waits until it waits for a turn, is blocked, or has ended.
     *
     * @throws ShmTimeoutException if that does not come about
     */
    public Held.State await() {
        long start = System.nanoTime();
        while (true) {
            Held.State state = look();
            if (state != Held.State.RESUMED || unlimited) {
                return state;
            }
            long waited = System.nanoTime() - start;
            if (waited > max.toNanos()) {
                throw new ShmTimeoutException(
                        name + " did not come to an access within " + max.toMillis() + " ms, after " + made.size()
                                + " accesses; it waits for something that the tracer does not see");
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new ShmException("interrupted while " + name + " was held");
            } else if (waited < SPIN_NANOS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PARK_NANOS);
            }
        }
    }

    /** What it is about to do, in the order in which its threads came to it. */
    public List<LogRecord.Waits> waiting() {
        return List.copyOf(waiting);
    }

    /** For how long it is waited for. */
    public Duration max() {
        return max;
    }

    /** The accesses that it was let make and has not finished. */
    public List<LogRecord.Waits> unfinished() {
        return open.values().stream()
                .filter(turn -> !turn.made)
                .map(turn -> turn.access)
                .toList();
    }

    /** What it has done. */
    public List<LogRecord.Made> made() {
        return made;
    }

    /** Lets it make one of the accesses that wait. */
    public void give(LogRecord.Waits access) {
        if (!waiting.remove(access)) {
            throw new IllegalStateException(name + " does not wait for that");
        }
        open.put(access.tid(), new Open(access));
        order(++given, (int) access.tid());
    }

    /** Lets it make all of them. */
    public void resume() {
        if (!unlimited) {
            unlimited = true;
            order(NO_LIMIT, 0);
        }
    }

    private void order(long turns, int of) {
        Pidfd process = tracer;
        if (process == null) {
            return; // it has ended, and so has the program
        }
        try {
            // Whose turn it is comes first.
            byte[] whose = new byte[Integer.BYTES];
            ByteBuffer.wrap(whose).order(ByteOrder.nativeOrder()).putInt(of);
            write(LogHeader.TURN_OF, whose);
            byte[] all = new byte[Long.BYTES];
            ByteBuffer.wrap(all).order(ByteOrder.nativeOrder()).putLong(turns);
            write(LogHeader.TURNS, all);
            process.signal(SIGUSR1); // false: it has ended, and so has the program
        } catch (IOException e) {
            throw new ShmException("cannot write the tracer's log of " + name, e);
        }
    }

    private void write(long at, byte[] bytes) throws IOException {
        log.seek(at);
        log.write(bytes);
    }

    private void poll() {
        try {
            log.seek(0);
            if (log.read(headerBytes) < LogHeader.SIZE) {
                return;
            }
            long end = LogHeader.end(header);
            if (!LogHeader.isOne(header) || end <= read) {
                return;
            }
            byte[] bytes = new byte[Math.toIntExact(end - read)];
            log.seek(read);
            log.readFully(bytes);
            read = end;
            records.read(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()), this::take);
        } catch (IOException e) {
            throw new ShmException("cannot read the tracer's log of " + name, e);
        }
    }

    private void take(LogRecord record) {
        if (record instanceof LogRecord.Waits waits) {
            waiting.add(waits);
            open.remove(waits.tid()); // it has done what it was let do
        } else if (record instanceof LogRecord.Made access) {
            made.add(access);
            Open turn = open.get(access.tid());
            if (turn != null) {
                turn.made = true;
            }
        } else if (record instanceof LogRecord.Ended process) {
            waiting.removeIf(waits -> waits.pid() == process.pid());
            open.values().removeIf(turn -> turn.access.pid() == process.pid());
        } else if (record instanceof LogRecord.Window window) {
            over = !window.armed();
        } else if (record instanceof LogRecord.Refused) {
            over = true;
        }
    }

    /** Why it could not be traced, if that has come out. */
    public Optional<ShmException> refusal() {
        return over ? TracedStart.refusal(file) : Optional.empty();
    }

    /** Waits until the tracer of a program that has ended is gone as well. */
    public void awaitTracerEnd() {
        TracedStart.awaitEnd(LogHeader.tracer(header), max);
    }

    /** Nothing can be asked of it any more; the same twice. */
    @Override
    public void close() {
        if (tracer != null) {
            tracer.close();
        }
        try {
            log.close();
        } catch (IOException e) {
            throw new ShmException("cannot close the tracer's log of " + name, e);
        }
    }
}
