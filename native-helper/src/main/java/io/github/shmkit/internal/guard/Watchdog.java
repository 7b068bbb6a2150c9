package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.ProcFs;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The native process that cleans up after a Maven session whose JVM was killed. */
public final class Watchdog implements AutoCloseable {
    private static final int END_SECONDS = 10;
    private static final int ANSWER_SECONDS = 10;

    private final Process process;

    private Watchdog(Process process) {
        this.process = process;
    }

    /** Starts it and waits until it watches. */
    public static Watchdog start(String privateDirectory, String session) {
        long pid = ProcessHandle.current().pid();
        long startTime = ProcFs.startTime(pid).orElseThrow();
        Process process = HelperProgram.start(
                "watch", List.of(privateDirectory, session, Long.toString(pid), Long.toString(startTime)));
        Watchdog watchdog = new Watchdog(process);
        if (!watchdog.answers('R')) {
            String why = process.isAlive()
                    ? "it did not say so within " + ANSWER_SECONDS + " s"
                    : "its exit code is " + process.exitValue();
            process.destroyForcibly();
            throw new ShmException("the watchdog did not start: " + why);
        }
        return watchdog;
    }

    /** Whether its next word is this one; false also when it is gone, or says nothing in time. */
    private boolean answers(char word) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        answer.complete(process.getInputStream().read());
                    } catch (IOException e) {
                        answer.completeExceptionally(e);
                    }
                },
                "shmkit watchdog's answer");
        reader.setDaemon(true);
        reader.start();
        try {
            return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS) == word;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Waits until it has noted all that processes of the session have made by now, and those that live.
     *
     * @return false if it is gone, or does not answer in time: then what it has noted may not be all
     */
    public boolean catchUp() {
        try {
            process.getOutputStream().write('L');
            process.getOutputStream().flush();
        } catch (IOException e) {
            return false;
        }
        return answers('L');
    }

    public long pid() {
        return process.pid();
    }

    /** Tells it that the session ended in good order, and waits for its end. */
    @Override
    public void close() {
        try {
            process.getOutputStream().write('Q');
            process.getOutputStream().flush();
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            // It is gone already, which is what we wanted.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
