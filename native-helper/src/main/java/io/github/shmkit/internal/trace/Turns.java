package io.github.shmkit.internal.trace;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Pidfd;
import io.github.shmkit.trace.Held;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
    private final FileChannel log;
    private final LogRecords records;
    private final ByteBuffer header = ByteBuffer.allocateDirect(LogHeader.SIZE).order(ByteOrder.nativeOrder());
    private final Deque<LogRecord.Waits> waiting = new ArrayDeque<>();
    private final List<LogRecord.Made> made = new ArrayList<>();
    private long read = LogHeader.SIZE;
    private long given;
    private LogRecord.@Nullable Waits turn; // the access that was let go
    private boolean begun; // its thread has something behind it since
    private boolean over;
    private boolean unlimited;
    private @Nullable Pidfd tracer;

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
            this.log = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new ShmException("cannot open the tracer's log " + file, e);
        }
    }

    /** Accesses begin again: of a program whose window was closed, and is opened again. */
    public void restart() {
        poll();
        waiting.clear();
        made.clear();
        turn = null;
        over = false;
    }

    /** What it does, without waiting. */
    public Held.State look() {
        boolean gone = ended.isDone(); // before the look: what it wrote last counts
        poll();
        if (unlimited) {
            return Held.State.RESUMED;
        }
        if (over || gone) {
            return Held.State.ENDED;
        }
        LogRecord.Waits given = turn;
        if (given == null) {
            return waiting.isEmpty() ? Held.State.RESUMED : Held.State.HELD;
        }
        char state = stateOf(given.pid(), given.tid());
        if (!begun) {
            return given.systemCall().isPresent() && state == 'S' ? Held.State.BLOCKED : Held.State.RESUMED;
        }
        // It made its access and goes to the next one, or to none.
        return !waiting.isEmpty() && (state == 'S' || state == '?') ? Held.State.HELD : Held.State.RESUMED;
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
                throw new ShmTimeoutException(name + " did not come to an access within " + max.toMillis()
                        + " ms, after " + made.size() + " accesses; what it waits for is nothing that the tracer sees");
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

    /** The access that it was let make and has not finished. */
    public Optional<LogRecord.Waits> turn() {
        return Optional.ofNullable(turn);
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
        turn = access;
        begun = false;
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
        ByteBuffer order = ByteBuffer.allocate(Long.BYTES + Integer.BYTES).order(ByteOrder.nativeOrder());
        try {
            // Whose turn it is comes first.
            log.write(
                    order.slice(0, Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(0, of), LogHeader.TURN_OF);
            log.write(order.slice(0, Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, turns), LogHeader.TURNS);
            Pidfd known = tracer;
            if (known == null) {
                poll(); // it may not have been looked at before
                known = Pidfd.open(LogHeader.tracer(header));
                tracer = known;
            }
            known.signal(SIGUSR1); // false: it is gone, and so is the program
        } catch (IOException e) {
            throw new ShmException("cannot write the tracer's log of " + name, e);
        } catch (OsException e) {
            if (!e.is(Errno.ESRCH)) {
                throw new ShmException("cannot signal the tracer of " + name + ": " + e.getMessage(), e);
            }
        }
    }

    private void poll() {
        try {
            header.clear();
            if (log.read(header, 0) < LogHeader.SIZE) {
                return;
            }
            header.flip();
            long end = LogHeader.end(header);
            if (!LogHeader.isOne(header) || end <= read) {
                return;
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) (end - read)).order(ByteOrder.nativeOrder());
            for (long at = read; bytes.hasRemaining(); at = read + bytes.position()) {
                if (log.read(bytes, at) < 0) {
                    throw new IOException("it ends before its end");
                }
            }
            read = end;
            records.read(bytes.flip(), this::take);
        } catch (IOException e) {
            throw new ShmException("cannot read the tracer's log of " + name, e);
        }
    }

    private void take(LogRecord record) {
        if (record instanceof LogRecord.Waits waits) {
            waiting.add(waits);
            behind(waits.tid());
        } else if (record instanceof LogRecord.Made access) {
            made.add(access);
            LogRecord.Waits of = turn;
            if (of != null && of.tid() == access.tid()) {
                begun = true;
            }
        } else if (record instanceof LogRecord.Ended process) {
            waiting.removeIf(waits -> waits.pid() == process.pid());
            LogRecord.Waits of = turn;
            if (of != null && of.pid() == process.pid()) {
                turn = null;
            }
        } else if (record instanceof LogRecord.Window window) {
            over = !window.armed();
        } else if (record instanceof LogRecord.Refused) {
            over = true;
        }
    }

    /** A thread that waits again has done what it was given. */
    private void behind(long tid) {
        LogRecord.Waits of = turn;
        if (of != null && of.tid() == tid) {
            turn = null;
        }
    }

    /** The letter of its state; ? if it is gone. */
    private static char stateOf(long pid, long tid) {
        // No NIO: an interrupted thread could not read with it.
        try (InputStream in = new FileInputStream("/proc/" + pid + "/task/" + tid + "/stat")) {
            String stat = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            // The command's name stands in parentheses and may itself hold some: count from the last one.
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return '?';
        }
    }

    /** Why it could not be traced, if that has come out. */
    public Optional<ShmException> refusal() {
        return over ? TracedStart.refusal(file) : Optional.empty();
    }

    /** Waits until the tracer of a program that has ended is gone as well. */
    public void awaitTracerEnd() {
        poll();
        TracedStart.awaitEnd(LogHeader.tracer(header), max);
    }

    @Override
    public void close() {
        Pidfd known = tracer;
        if (known != null) {
            known.close();
        }
        try {
            log.close();
        } catch (IOException e) {
            throw new ShmException("cannot close the tracer's log of " + name, e);
        }
    }
}
