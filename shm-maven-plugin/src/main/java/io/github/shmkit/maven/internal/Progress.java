package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.sweep.SweepProgress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Tells how far a long sweep is: on a terminal by a line that is written anew, elsewhere by a line now and then. */
final class Progress {
    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration NEXT = Duration.ofSeconds(5);
    private static final Duration NEXT_ON_TERMINAL = Duration.ofMillis(200);

    private Progress() {}

    /** Does the work; after two seconds says how far it is, and again every five seconds. */
    static <T> T of(Console console, Function<SweepProgress, T> work) {
        return of(console, work, FIRST, console.terminal().isPresent() ? NEXT_ON_TERMINAL : NEXT);
    }

    static <T> T of(Console console, Function<SweepProgress, T> work, Duration first, Duration next) {
        SweepProgress progress = new SweepProgress();
        CountDownLatch done = new CountDownLatch(1);
        Thread teller = new Thread(() -> tell(console, progress, done, first, next), "shmkit progress");
        teller.setDaemon(true);
        teller.start();
        try {
            return work.apply(progress);
        } finally {
            done.countDown();
            join(teller);
        }
    }

    /** So that its last word does not come behind the result. */
    private static void join(Thread teller) {
        try {
            teller.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void tell(
            Console console, SweepProgress progress, CountDownLatch done, Duration first, Duration next) {
        long began = System.nanoTime();
        long listed = -1;
        try {
            for (Duration pause = first; !done.await(pause.toMillis(), TimeUnit.MILLISECONDS); pause = next) {
                listed = listed < 0 ? Listed.count() : listed;
                String line = line(progress, listed, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
                console.terminal().ifPresentOrElse(terminal -> terminal.show(line), () -> console.info(line));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            console.terminal().ifPresent(Terminal::clear);
        }
    }

    static String line(SweepProgress progress, long listed, long seconds) {
        return "still at work, for " + seconds + " s: looked at " + progress.lookedAt() + " objects (the kernel lists "
                + listed + ")"
                + (progress.toRemove() == 0
                        ? ""
                        : ", removed " + Math.min(progress.done(), progress.toRemove()) + " of " + progress.toRemove());
    }
}
