package io.github.shmkit.bench;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Messages of one size from a producer, which stamps every 64 bytes of each, to a consumer, which looks at every stamp.
 *
 * <p>Figures are in milliseconds for all messages.
 */
record Handover(int size, int count) {
    /**
     * Of a ring: more than a core's own cache, since a line that the producer's cache still holds when the consumer asks
     * for it, and the other way round, comes more slowly than one that has gone to the cache of all.
     */
    private static final int RING = 8 << 20;

    private static final int LINE = 64;
    private static final int SLOTS_AT = 4096;
    /** As in kernel.c: how many were put, how many were taken. */
    private static final long PUT = 0;

    private static final long TAKEN = 64;
    /** Whether the consumer sleeps until more is put, and the producer until more is taken. */
    private static final long PUT_BELL = 128;

    private static final long TAKEN_BELL = 192;
    /** As in kernel.c: a side that waits looks so often before it sleeps, and leaves the processor to others. */
    private static final int SPINS = 2_000;

    private static final long NAP_NANOS = 10_000;

    private static final Duration LIMIT = Duration.ofSeconds(20);

    static Handover of(int size, long total) {
        return new Handover(size, (int) (total / size));
    }

    private int slots() {
        return RING / size;
    }

    /** Both sides C, through something that the kernel copies into and out of. */
    Arm kernel(String how) {
        return Programs.kernelFigure("transfer", how, size, count).per(1e6);
    }

    /** This JVM produces, C consumes, through a ring in a segment. */
    Arm segment(Session session, boolean copied) {
        return () -> {
            SegmentSpec spec = SegmentSpec.of(SegmentKind.POSIX_SHM).size(SLOTS_AT + (long) slots() * size);
            try (Segment ring = session.create(spec)) {
                String path = ((io.github.shmkit.SegmentAddress.ByPath) ring.address()).path();
                Process consumer = new ProcessBuilder(
                                Programs.kernel("consume", path, slots(), size, count, copied ? "copied" : "in-place"))
                        .inheritIO()
                        .start();
                ByteBuffer slots = ring.buffer();
                ByteBuffer own = ByteBuffer.allocateDirect(size).order(java.nio.ByteOrder.nativeOrder());
                produce(ring, slots, own, 0, copied);
                awaitTaken(ring, 1); // it is up
                long start = System.nanoTime();
                for (int i = 1; i < count; i++) {
                    awaitTaken(ring, i + 1 - slots());
                    produce(ring, slots, own, i, copied);
                }
                if (consumer.waitFor() != 0) {
                    throw new IOException("the consumer found damage");
                }
                return (System.nanoTime() - start) / 1e6;
            }
        };
    }

    private void produce(Segment ring, ByteBuffer slots, ByteBuffer own, int message, boolean copied) {
        int slot = SLOTS_AT + message % slots() * size;
        if (copied) {
            stamp(own, 0, message + 1);
            slots.put(slot, own, 0, size);
        } else {
            stamp(slots, slot, message + 1);
        }
        ring.putLongVolatile(PUT, message + 1);
        if (ring.getIntVolatile(PUT_BELL) != 0) {
            ring.futexAt(PUT).wake(1);
        }
    }

    private void stamp(ByteBuffer buffer, int from, long value) {
        for (int i = 0; i < size; i += LINE) {
            buffer.putLong(from + i, value);
        }
    }

    private static void awaitTaken(Segment ring, long count) {
        for (int i = 0; i < SPINS; i++) {
            if (ring.getLongAcquire(TAKEN) >= count) {
                return;
            }
            Thread.onSpinWait();
        }
        ring.putIntVolatile(TAKEN_BELL, 1);
        long taken;
        while ((taken = ring.getLongVolatile(TAKEN)) < count) {
            ring.futexAt(TAKEN).await((int) taken, LIMIT);
        }
        ring.putIntVolatile(TAKEN_BELL, 0);
    }

    /** Two threads of this JVM, through a ring in a file on tmpfs, written and read by system calls. */
    Arm file() {
        return () -> {
            Path path = Files.createTempFile(Path.of("/dev/shm"), "bench", "");
            AtomicLong put = new AtomicLong();
            AtomicLong taken = new AtomicLong();
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                long start = System.nanoTime();
                CompletableFuture<Void> consumer = CompletableFuture.runAsync(() -> consume(channel, put, taken));
                ByteBuffer own = ByteBuffer.allocateDirect(size).order(java.nio.ByteOrder.nativeOrder());
                for (int i = 0; i < count; i++) {
                    awaitMore(taken, i + 1 - slots());
                    stamp(own, 0, i + 1);
                    transfer(own.clear(), (long) i % slots() * size, channel::write);
                    put.setRelease(i + 1);
                }
                consumer.join();
                return (System.nanoTime() - start) / 1e6;
            } finally {
                Files.delete(path);
            }
        };
    }

    private void consume(FileChannel channel, AtomicLong put, AtomicLong taken) {
        ByteBuffer own = ByteBuffer.allocateDirect(size).order(java.nio.ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            awaitMore(put, i + 1);
            transfer(own.clear(), (long) i % slots() * size, channel::read);
            for (int at = 0; at < size; at += LINE) {
                if (own.getLong(at) != i + 1) {
                    throw new IllegalStateException("a message came damaged");
                }
            }
            taken.setRelease(i + 1);
        }
    }

    private static void awaitMore(AtomicLong counter, long count) {
        for (int i = 0; counter.getAcquire() < count; i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
    }

    /** One of FileChannel's methods. */
    private interface Call {
        int at(ByteBuffer buffer, long position) throws IOException;
    }

    private static void transfer(ByteBuffer buffer, long position, Call call) {
        try {
            while (buffer.hasRemaining()) {
                int done = buffer.position();
                if (call.at(buffer, position + done) < 0) {
                    throw new IOException("the file is too short");
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
