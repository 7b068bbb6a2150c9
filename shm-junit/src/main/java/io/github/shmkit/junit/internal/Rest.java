package io.github.shmkit.junit.internal;

import java.io.File;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits while processes do something: one that is about to end or to fail does, one that waits for something does not.
 *
 * <p>A process is at rest when in some looks, one shortly after the other, no thread of it ran or was ready to, or waited
 * for a disk, and none has used more time of a processor than a timer does that wakes it now and then.
 */
final class Rest {
    private static final int LOOKS = 4;
    private static final long BETWEEN_LOOKS_NANOS = 10_000_000;
    private static final long LITTLE_NANOS = 100_000;

    private final Map<String, Long> used = new HashMap<>();

    private Rest() {}

    /**
     * Waits until all are at rest or gone.
     *
     * @param pids of those that are alive
     * @param over ends the wait before
     * @param max how long at most
     */
    static void await(Supplier<? extends Collection<Long>> pids, BooleanSupplier over, Duration max) {
        Rest rest = new Rest();
        long start = System.nanoTime();
        int quiet = 0;
        while (!over.getAsBoolean() && System.nanoTime() - start < max.toNanos()) {
            Collection<Long> alive = pids.get();
            quiet = rest.isActive(alive) ? 0 : quiet + 1;
            if (alive.isEmpty() || quiet == LOOKS) {
                return;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
        }
    }

    /** Whether one of them did something since the last look; at the first look, each has. */
    private boolean isActive(Collection<Long> pids) {
        boolean active = false;
        for (long pid : pids) {
            String folder = "/proc/" + pid + "/task/";
            String[] threads = new File(folder).list();
            for (String thread : threads == null ? new String[0] : threads) {
                active |= isActive(folder + thread); // of all of them: the next look compares
            }
        }
        return active;
    }

    private boolean isActive(String thread) {
        String stat = ProcessTree.read(thread + "/stat");
        int close = stat.lastIndexOf(')');
        char state = close < 0 ? ' ' : stat.charAt(close + 2);
        String time = ProcessTree.read(thread + "/schedstat");
        int end = time.indexOf(' ');
        long now = end < 0 ? 0 : Long.parseLong(time.substring(0, end));
        Long before = used.put(thread, now);
        return state == 'R' || state == 'D' || before == null || now - before > LITTLE_NANOS;
    }
}
