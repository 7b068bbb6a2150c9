package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.os.InputPipe;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.Input;
import java.time.Duration;

/**
 * What a command reads, by a pipe.
 *
 * @param max how long to wait for a command that does not read
 */
record PipedInput(CommandProcess helper, InputPipe pipe, Duration max) implements Input {
    private static final int SLICE_MILLIS = 100;

    @Override
    public void write(byte[] bytes) {
        long start = System.nanoTime();
        for (int done = 0; done < bytes.length; ) {
            try {
                done += pipe.write(bytes, done, SLICE_MILLIS);
            } catch (OsException e) {
                if (helper.isAlive()) {
                    throw new ShmException(helper + " has closed its standard input", e);
                }
                throw new HelperDiedException(
                        helper + " " + helper.exit().map(Exit::toString).orElse("was lost")
                                + " before it read all of its standard input" + helper.tails(),
                        helper.exit());
            }
            if (done < bytes.length && System.nanoTime() - start > max.toNanos()) {
                throw new ShmTimeoutException(helper + " did not read its standard input within " + max.toMillis()
                        + " ms: " + (bytes.length - done) + " bytes are left; it is " + helper.state());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new ShmException("interrupted while writing to the standard input of " + helper);
            }
        }
    }

    @Override
    public void close() {
        pipe.close();
    }
}
