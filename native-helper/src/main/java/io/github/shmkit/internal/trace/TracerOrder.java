package io.github.shmkit.internal.trace;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Pidfd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Arms and disarms a tracer from outside of the program; PROTOCOL.md has how. */
public final class TracerOrder {
    private static final int SIGUSR1 = 10;
    private static final long POLL_MICROS = 200;

    private TracerOrder() {}

    /**
     * Returns when it is so, or the program has ended.
     *
     * @param ended done when the program has ended
     * @throws ShmException if the tracer does not answer in that time
     */
    public static void give(Path log, boolean armed, CompletableFuture<?> ended, Duration max) {
        try (FileChannel header = FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int order = field(header, LogHeader.ORDER);
            if (((order & 1) != 0) == armed) {
                return;
            }
            ByteBuffer next = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
            header.write(next.putInt(0, order + 1), LogHeader.ORDER);
            signalUntilAnswered(header, order + 1, ended, max);
        } catch (IOException e) {
            throw new ShmException("cannot write the tracer's log " + log, e);
        }
    }

    private static void signalUntilAnswered(FileChannel header, int order, CompletableFuture<?> ended, Duration max)
            throws IOException {
        int tracer = field(header, LogHeader.TRACER);
        long start = System.nanoTime();
        try (Pidfd process = Pidfd.open(tracer)) {
            while (!ended.isDone() && process.signal(SIGUSR1) && field(header, LogHeader.ANSWER) != order) {
                if (System.nanoTime() - start > max.toNanos()) {
                    throw new ShmException(
                            "the tracer (pid " + tracer + ") took no order within " + max.toMillis() + " ms");
                }
                TimeUnit.MICROSECONDS.sleep(POLL_MICROS);
            }
        } catch (OsException e) {
            if (!e.is(Errno.ESRCH)) {
                throw new ShmException("cannot signal the tracer (pid " + tracer + "): " + e.getMessage(), e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while the tracer was armed", e);
        }
    }

    private static int field(FileChannel header, int offset) throws IOException {
        ByteBuffer value = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        return header.read(value, offset) < Integer.BYTES ? 0 : value.getInt(0);
    }
}
