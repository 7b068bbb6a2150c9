package io.github.shmkit.junit.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.process.Helper;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stops a helper and lets it go, once or again and again, from a thread of its own. */
public final class DutyCycle {
    private static final Duration RUNNING = Duration.ofMillis(2);

    private final Helper helper;
    private final Duration stopped;
    private final boolean repeated;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "shmkit fault");

    private DutyCycle(Helper helper, Duration stopped, boolean repeated) {
        this.helper = helper;
        this.stopped = stopped;
        this.repeated = repeated;
    }

    /** Stopped once for that time. */
    public static DutyCycle once(Helper helper, Duration time) {
        return new DutyCycle(helper, time, false);
    }

    /** Stopped for all but one part in so many of the time. */
    public static DutyCycle of(Helper helper, int factor) {
        return new DutyCycle(helper, RUNNING.multipliedBy(factor - 1L), true);
    }

    /** Returns once the helper is stopped for the first time. */
    public void start() {
        helper.suspend();
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!ending.await(stopped.toNanos(), TimeUnit.NANOSECONDS) && repeated && helper.isAlive()) {
                helper.resume();
                if (ending.await(RUNNING.toNanos(), TimeUnit.NANOSECONDS)) {
                    break;
                }
                helper.suspend();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ShmException e) {
            // it died, which is for others to tell
        } finally {
            letGo();
        }
    }

    private void letGo() {
        if (helper.isAlive()) {
            helper.resume();
        }
    }

    /** Lets the helper go for good; waits until nobody will stop it any more. */
    public void end() {
        ending.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
