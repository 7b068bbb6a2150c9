package io.github.shmkit.internal.guard;

import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.process.Exit;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A running native program, and what it writes to its standard error.
 *
 * <p>That goes to a memfd: nothing has to read it while the program runs, the program cannot block on it, and a helper
 * that outlives the JVM does not keep the build tool waiting for end of file, as an inherited stream would.
 */
final class NativeProcess implements AutoCloseable {
    private static final int END_SECONDS = 2;
    private static final int SAID_MAX = 4096;
    private static final int NONE = -1;
    private static final int KILLED = 128; // as Process.exitValue has it, plus the signal

    private final Process process;
    private final int errors;
    private boolean closed;

    private NativeProcess(Process process, int errors) {
        this.process = process;
        this.errors = errors;
    }

    static NativeProcess start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        int errors = memfd();
        try {
            builder.redirectError(
                    errors == NONE
                            ? ProcessBuilder.Redirect.DISCARD
                            : ProcessBuilder.Redirect.appendTo(new File(ProcFs.self() + "/fd/" + errors)));
            return new NativeProcess(builder.start(), errors);
        } catch (IOException | RuntimeException | Error e) {
            if (errors != NONE) {
                Os.close(errors);
            }
            throw e;
        }
    }

    /** Where memfds are forbidden the program still runs, but says nothing. */
    private static int memfd() {
        try {
            return Os.memfd("shm-helper");
        } catch (OsException e) {
            return NONE;
        }
    }

    Process process() {
        return process;
    }

    /** Whether it did what it was started for. */
    boolean endedWell() {
        return hasEnded() && process.exitValue() == 0;
    }

    /** How it ended, with what it wrote to its standard error: "exited with code 71 (shm-helper: cannot use …)", say. */
    String end() {
        String said = said();
        return exit() + (said.isEmpty() ? "" : " (" + said + ")");
    }

    private String exit() {
        if (!hasEnded()) {
            return "still runs as process " + process.pid();
        }
        int code = process.exitValue();
        return Exit.ofWaitStatus(code > KILLED ? code - KILLED : code << 8).toString();
    }

    private boolean hasEnded() {
        try {
            return process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    private synchronized String said() {
        if (closed || errors == NONE) {
            return "";
        }
        long size = Os.fstat(errors).size();
        byte[] last = Os.readRange(errors, Math.max(0, size - SAID_MAX), (int) Math.min(size, SAID_MAX));
        return new String(last, StandardCharsets.UTF_8).trim();
    }

    /** Ends it, if it did not end by itself. */
    @Override
    public synchronized void close() {
        process.destroyForcibly();
        if (!closed && errors != NONE) {
            Os.close(errors);
        }
        closed = true;
    }
}
