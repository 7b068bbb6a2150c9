package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What another process says at once or never: each wait has an end. */
final class Answers {
    static final int SECONDS = 10;

    private Answers() {}

    /**
     * Waits for an answer.
     *
     * @param failure says what did not happen, where none comes
     */
    static <T> T await(CompletableFuture<T> answer, String failure) {
        boolean interrupted = false;
        try {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (true) {
                try {
                    return answer.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true; // the answer comes at once or never: finish, then let the caller see it
                }
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw cause instanceof ShmException shm ? shm : new ShmException(failure + ": " + cause.getMessage(), e);
        } catch (TimeoutException e) {
            throw new ShmTimeoutException(failure + " within " + SECONDS + " s", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The same for what is read from a stream, which cannot be interrupted: the reader ends with the process at its end. */
    static <T> T read(Callable<T> reading, String failure) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        answer.complete(reading.call());
                    } catch (Exception e) {
                        answer.completeExceptionally(e);
                    }
                },
                "shmkit answer");
        reader.setDaemon(true);
        reader.start();
        return await(answer, failure);
    }
}
