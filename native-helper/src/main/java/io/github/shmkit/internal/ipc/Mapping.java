package io.github.shmkit.internal.ipc;

import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * A stretch of address space: a guard page, the object, a guard page.
 *
 * <p>After {@link #close} the stretch holds private zeros, so that a thread or buffer that is late reads those instead of
 * taking the JVM down. The addresses themselves are given back some time after no buffer refers to them any more.
 */
final class Mapping {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final Stretches UNREFERENCED = new Stretches(Os::unmap);
    /** A buffer holds at most 2 GiB; larger segments are cut into pieces that overlap by the widest access. */
    static final int CHUNK_BITS = 30;

    private static final long CHUNK = 1L << CHUNK_BITS;
    private static final int OVERLAP = 8;
    private static final int RESERVE_ATTEMPTS = 50;
    private static final long RESERVE_PAUSE_NANOS = 20_000_000;

    private final long base;
    private final long length;
    private final ByteBuffer[] chunks;

    private Mapping(long base, long length, ByteBuffer[] chunks) {
        this.base = base;
        this.length = length;
        this.chunks = chunks;
    }

    /**
     * Maps an object.
     *
     * @param size its size in bytes
     * @param mapAt maps whole pages of it at the given address, in the place of reserved ones
     */
    static Mapping of(long size, LongConsumer mapAt) {
        long page = Os.pageSize();
        long length = Math.addExact(Math.addExact(size, page - 1) / page * page, 2 * page);
        long base = reserve(length);
        try {
            mapAt.accept(base + page);
        } catch (RuntimeException | Error e) {
            Os.unmap(base, length);
            throw e;
        }
        ByteBuffer[] chunks = new ByteBuffer[(int) (((size - 1) >>> CHUNK_BITS) + 1)];
        Unmapper unmapper = new Unmapper(base, length, chunks.length);
        for (int i = 0; i < chunks.length; i++) {
            long from = i * CHUNK;
            chunks[i] = Os.buffer(base + page + from, Math.min(size - from, CHUNK + OVERLAP));
            CLEANER.register(chunks[i], unmapper);
        }
        return new Mapping(base, length, chunks);
    }

    /**
     * Reserves addresses; those of closed segments come back only when the garbage collector has seen that nobody refers
     * to them, and a JVM with much heap to spare may not run it before the kernel's vm.max_map_count is reached.
     */
    private static long reserve(long length) {
        for (int attempt = 1; ; attempt++) {
            try {
                return Os.reserveAddresses(length);
            } catch (OsException e) {
                if (!e.is(Errno.ENOMEM) || attempt == RESERVE_ATTEMPTS) {
                    throw e;
                }
                System.gc();
                LockSupport.parkNanos(RESERVE_PAUSE_NANOS); // the cleaner's thread adds what the collector found
                UNREFERENCED.giveBack();
            }
        }
    }

    long address() {
        return base + Os.pageSize();
    }

    ByteBuffer[] chunks() {
        return chunks;
    }

    void close() {
        Os.mapZeros(base, length);
    }

    /** Runs once for each root buffer; slices and duplicates keep their root alive. */
    private static final class Unmapper implements Runnable {
        private final long base;
        private final long length;
        private int buffers;

        Unmapper(long base, long length, int buffers) {
            this.base = base;
            this.length = length;
            this.buffers = buffers;
        }

        @Override
        public synchronized void run() {
            if (--buffers == 0) {
                UNREFERENCED.add(base, length);
            }
        }
    }
}
