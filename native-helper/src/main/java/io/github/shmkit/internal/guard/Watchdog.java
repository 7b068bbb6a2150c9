package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.ProcFs;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The native process that cleans up after a Maven session whose JVM was killed. */
public final class Watchdog implements AutoCloseable {
    private static final int END_SECONDS = 10;

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
        try {
            if (process.getInputStream().read() != 'R') {
                throw new ShmException("the watchdog did not start; its exit code is " + process.waitFor());
            }
        } catch (IOException e) {
            throw new ShmException("the watchdog did not start: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while the watchdog started", e);
        }
        return new Watchdog(process);
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
