package io.github.shmkit.internal.trace;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.os.Errno;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Waits for the two moments at which the tracer, not the supervisor, knows what happened to a program. */
public final class TracedStart {
    private static final long POLL_MICROS = 500;

    private TracedStart() {}

    /**
     * Waits until the program was executed.
     *
     * @param ended done when its process has ended
     * @throws ShmException if it cannot be executed or traced, with the reason
     */
    public static void await(String program, Path log, CompletableFuture<?> ended, Duration max) {
        long start = System.nanoTime();
        while (true) {
            boolean over = ended.isDone(); // before the look: what it wrote last counts
            switch (LogFile.state(log)) {
                case RUNNING, COMPLETE -> {
                    return;
                }
                case NOT_RUN ->
                    throw new ShmException("cannot run '" + program + "': "
                            + Errno.describe(LogFile.read(log, List.of()).error()));
                case REFUSED -> throw refused(LogFile.read(log, List.of()));
                case STARTING -> {
                    if (over) {
                        throw new ShmException("the tracer ended before '" + program + "' was executed");
                    }
                }
            }
            pause(start, max, "the tracer did not execute '" + program + "'");
        }
    }

    /** Why a program could not be traced; empty if it could. */
    public static Optional<ShmException> refusal(Path log) {
        return LogFile.state(log) == LogFile.State.REFUSED
                ? Optional.of(refused(LogFile.read(log, List.of())))
                : Optional.empty();
    }

    /** The error of a program that the log says cannot be traced. */
    public static ShmException refused(LogFile log) {
        String why = "cannot trace the program: " + log.refused().orElse("it is not known why");
        return log.unavailable() ? new TracerUnavailableException(why) : new ShmException(why);
    }

    /** Waits until the tracer of a program that has ended is gone as well. */
    public static void awaitEnd(LogFile log, Duration max) {
        awaitEnd(log.tracer(), max);
    }

    static void awaitEnd(int tracer, Duration max) {
        long start = System.nanoTime();
        while (tracer != 0 && ProcessHandle.of(tracer).isPresent()) {
            pause(start, max, "the tracer (pid " + tracer + ") did not end");
        }
    }

    private static void pause(long start, Duration max, String what) {
        if (System.nanoTime() - start > max.toNanos()) {
            throw new ShmTimeoutException(what + " within " + max.toMillis() + " ms");
        }
        try {
            TimeUnit.MICROSECONDS.sleep(POLL_MICROS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted: " + what, e);
        }
    }
}
