package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.torture.Tally.Victim;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What comes after the kills: sweeps that are killed themselves, and then one that is left alone.
 *
 * <p>One at a time, so that what is left after the last is left for good; but the sessions of all others live or die
 * meanwhile, and a Maven that is there sweeps too.
 */
final class Cleaning implements AutoCloseable {
    private static final int KILLED_AT_MOST = 16;
    private static final double SHARE_OF_ACTUATORS = 0.95;
    private static final long ACTUATOR_SOUGHT_MILLIS = 500;
    private static final int LONGEST_PAUSE_MICROS = 3000;
    /** As long as a first sweep takes. */
    private static final int SWEEP_MICROS = 200_000;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What there is of ours, by somebody who only looks. */
    interface Left {
        List<String> now() throws IOException;
    }

    private final Tally tally;
    private final AtomicInteger others = new AtomicInteger();
    private Worker sweeper = new Worker();
    private Worker spare = new Worker();

    Cleaning(Tally tally) throws IOException {
        this.tally = tally;
    }

    /** So many sweeps at most are killed, as long as something is left for them; the next one is to remove all of it. */
    synchronized void clean(Random random, String what, Left objects, Left all)
            throws IOException, InterruptedException {
        int wanted = random.nextInt(KILLED_AT_MOST + 1);
        for (int i = 0; i < wanted && !objects.now().isEmpty(); i++) {
            killAtWork(random, objects);
        }
        long until = System.nanoTime() + PATIENCE.toNanos();
        int otherCleaners;
        do {
            otherCleaners = others.get();
            sweep();
            // While another cleaner has a dead session's lock, ours takes it for a live one's, and leaves all of it to
            // him.
        } while (otherCleaners + others.get() > 0 && !all.now().isEmpty() && System.nanoTime() < until);
        assertThat(all.now()).as(what).isEmpty();
    }

    /** A Maven starts, which sweeps by itself. */
    void anotherBegins() {
        others.incrementAndGet();
    }

    /** It is gone, and all that it started. */
    void anotherEnded() {
        others.decrementAndGet();
    }

    synchronized void sweep() throws IOException {
        sweeper.begin();
        assertThat(sweeper.read()).startsWith("end ");
    }

    private void killAtWork(Random random, Left objects) throws IOException, InterruptedException {
        sweeper.begin();
        if (random.nextDouble() < SHARE_OF_ACTUATORS) {
            List<ProcessHandle> actuators = sweeper.awaitActuator();
            boolean object = !objects.now().isEmpty();
            pause(random, LONGEST_PAUSE_MICROS);
            kill(Victim.ACTUATOR, actuators, object);
            assertThat(sweeper.read()).matches("(end|failed) .*"); // it was done, or says that it is not
            awaitEnd(actuators);
        } else {
            pause(random, SWEEP_MICROS);
            boolean object = !objects.now().isEmpty();
            List<ProcessHandle> actuators = sweeper.actuators();
            // In one of two cases the actuator goes on without the sweep that holds the locks.
            boolean both = random.nextBoolean();
            sweeper.process.destroyForcibly();
            tally.add(Victim.SWEEPER, object);
            if (both) {
                kill(Victim.ACTUATOR, actuators, object);
            }
            sweeper.process.waitFor();
            // One that it was just about to start has its locks until the execve(2), and was not among the actuators
            // yet.
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> !Outside.isRunningInSessionOf(sweeper.process.pid()));
            sweeper = spare;
            spare = new Worker();
        }
    }

    private void kill(Victim victim, List<ProcessHandle> processes, boolean object) {
        for (ProcessHandle process : processes) {
            if (process.isAlive() && process.destroyForcibly()) {
                tally.add(victim, object);
            }
        }
    }

    private static void awaitEnd(List<ProcessHandle> processes) {
        for (ProcessHandle process : processes) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> !Outside.isRunning(process.pid()));
        }
    }

    /** The moment is to be random; nothing is waited for. */
    static void pause(Random random, int longestMicros) {
        long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(random.nextInt(longestMicros));
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    @Override
    public synchronized void close() {
        sweeper.process.destroyForcibly();
        spare.process.destroyForcibly();
    }

    /** A cleaner in a JVM of its own. */
    private static final class Worker {
        private final Process process;
        private final BufferedReader out;
        private boolean ready;

        /** In a session of setsid(2), by which all that it starts can be found when it is dead. */
        private Worker() throws IOException {
            ProcessBuilder builder = Jvm.command("", Sweeper.class).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.command().add(0, "setsid");
            process = builder.start();
            out = process.inputReader(StandardCharsets.UTF_8);
        }

        private String read() throws IOException {
            return String.valueOf(out.readLine());
        }

        private void begin() throws IOException {
            if (!ready) {
                assertThat(read()).startsWith("ready ");
                ready = true;
            }
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertThat(read()).isEqualTo("begin");
        }

        private List<ProcessHandle> actuators() {
            return process.descendants().toList();
        }

        private List<ProcessHandle> awaitActuator() throws IOException {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ACTUATOR_SOUGHT_MILLIS);
            List<ProcessHandle> found = actuators();
            while (found.isEmpty() && System.nanoTime() < until && !out.ready()) {
                found = actuators();
            }
            return found;
        }
    }
}
