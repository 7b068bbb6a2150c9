package io.github.shmkit.maven.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Lets nobody wonder whether a long sweep still works. */
final class Progress {
    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration NEXT = Duration.ofSeconds(5);

    private Progress() {}

    /** Does the work; after two seconds, and then every five, says that it is still at it. */
    static <T> T of(Console console, Supplier<T> work) {
        return of(console, work, FIRST, NEXT);
    }

    static <T> T of(Console console, Supplier<T> work, Duration first, Duration next) {
        CountDownLatch done = new CountDownLatch(1);
        Thread teller = new Thread(() -> tell(console, done, first, next), "shmkit progress");
        teller.setDaemon(true);
        teller.start();
        try {
            return work.get();
        } finally {
            done.countDown();
        }
    }

    private static void tell(Console console, CountDownLatch done, Duration first, Duration next) {
        long began = System.nanoTime();
        try {
            for (Duration pause = first; !done.await(pause.toMillis(), TimeUnit.MILLISECONDS); pause = next) {
                console.info("still looking at this machine's IPC objects, for "
                        + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) + " s now (the kernel has "
                        + Listed.count() + ")");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
