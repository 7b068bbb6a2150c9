package io.github.shmkit.internal.ipc;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Addresses that nobody refers to any more, which go back many at a time.
 *
 * <p>The collector finds thousands of closed segments at once, and most of them lie side by side. Each munmap(2) keeps all
 * other threads from mapping, and interrupts the processors that run them.
 */
final class Stretches {
    private static final int MOST = 128;
    /** Where the kernel does not overcommit, each of these bytes counts as used until it goes back. */
    private static final long MOST_BYTES = 1L << 28;

    private final Unmapping unmapping;
    private final NavigableMap<Long, Long> lengths = new TreeMap<>();
    private long bytes;

    /** What makes addresses free. */
    interface Unmapping {
        void unmap(long base, long length);
    }

    Stretches(Unmapping unmapping) {
        this.unmapping = unmapping;
    }

    /** Takes one over that holds no object any more. */
    synchronized void add(long base, long length) {
        lengths.put(base, length);
        bytes += length;
        if (lengths.size() == MOST || bytes >= MOST_BYTES) {
            giveBack();
        }
    }

    /** Gives back all that there are. */
    synchronized void giveBack() {
        long base = 0;
        long end = 0;
        for (Map.Entry<Long, Long> stretch : lengths.entrySet()) {
            if (stretch.getKey() != end) {
                unmap(base, end);
                base = stretch.getKey();
                end = base;
            }
            end += stretch.getValue();
        }
        lengths.clear();
        bytes = 0;
        unmap(base, end);
    }

    private void unmap(long base, long end) {
        if (base < end) {
            unmapping.unmap(base, end - base);
        }
    }
}
