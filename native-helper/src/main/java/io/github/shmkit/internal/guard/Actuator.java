package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Has a plan carried out by the native actuator, which proves each identity and each "unused" once more.
 *
 * <p>A long plan is carried out by two of them, each taking from it what comes next: what one object needs is all in one
 * step, so that their order does not matter.
 */
public final class Actuator implements AutoCloseable {
    /** What became of a step; the names are those that the program prints. */
    public enum Outcome {
        DELETED,
        GONE,
        MARKED,
        BUSY,
        CHANGED,
        DENIED,
        UNKNOWN,
        STRANDED;

        /** Whether nothing remains to be done. */
        public boolean isGone() {
            return this == DELETED || this == GONE || this == MARKED;
        }
    }

    /** An outcome and the errno behind it, 0 for none. */
    public record Result(Outcome outcome, int errno) {}

    private static final Pattern OUTCOME_LINE = Pattern.compile("(-?\\d+) ([A-Z]+) (\\d+)");
    private static final int CHUNK = 1 << 12;
    private static final byte[] END = {};

    /** So many chunks that nobody has taken, some thousand steps, take much longer than another process to start. */
    private static final int BACKLOG = 256;

    /** A step takes milliseconds, or as long as the native program waits for a lock or a death: 10 s. */
    private static final int STALL_SECONDS = 30;

    private static final int LOOK_MILLIS = 100;

    private static final int PROCESSES_MAX = Math.min(2, Runtime.getRuntime().availableProcessors());

    private final String privateDirectory;
    private final Runnable onOutcome;
    private final BlockingQueue<byte[]> plan = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    private final List<Worker> workers = new ArrayList<>();
    private int steps;
    private volatile long progress;

    /** What a process has told, in its order, and how it ended, empty for a good end. */
    private record Outcomes(List<Told> told, String end) {}

    private record Told(int index, Result result) {}

    /** One process, and the thread that waits for it. */
    private static final class Worker {
        private final FutureTask<Outcomes> outcomes;
        private final Thread thread;

        private volatile @Nullable NativeProcess program;

        private Worker(Actuator actuator) {
            outcomes = new FutureTask<>(() -> actuator.carryOut(this));
            thread = thread("shmkit-actuator", outcomes);
        }
    }

    private Actuator(String privateDirectory, Runnable onOutcome) {
        this.privateDirectory = privateDirectory;
        this.onOutcome = onOutcome;
        addWorker();
    }

    /**
     * Begins a plan; its steps are carried out while more are added.
     *
     * @param privateDirectory D, where quarantine is
     * @param onOutcome called for each step as soon as its outcome is known, on another thread
     */
    public static Actuator start(String privateDirectory, Runnable onOutcome) {
        return new Actuator(privateDirectory, onOutcome);
    }

    private void addWorker() {
        workers.add(new Worker(this));
    }

    private static Thread thread(String name, Runnable task) {
        // Of its own: one of a pool would have another mount namespace where the caller's is private to its thread.
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Adds a step: a line as act.c describes it, with its index as second field. */
    public void add(String step) {
        chunk.writeBytes(step.getBytes(StandardCharsets.US_ASCII));
        chunk.write('\n');
        steps++;
        if (chunk.size() >= CHUNK) {
            flush();
        }
    }

    private void flush() {
        plan.add(chunk.toByteArray());
        chunk.reset();
        if (plan.size() > BACKLOG && workers.size() < PROCESSES_MAX) {
            addWorker();
        }
    }

    /**
     * Ends the plan and waits until it is carried out.
     *
     * @param onResult gets the index and the result of each step
     */
    public void finish(BiConsumer<Integer, Result> onResult) {
        end();
        int told = 0;
        String end = "";
        try {
            for (Worker worker : workers) {
                await(worker);
                Outcomes all = worker.outcomes.get();
                all.told().forEach(one -> onResult.accept(one.index(), one.result()));
                told += all.told().size();
                end = end.isEmpty() ? all.end() : end;
            }
            if (!end.isEmpty() || told != steps) {
                throw new ShmException("the native actuator " + (end.isEmpty() ? "ended" : end) + " after " + told
                        + " of " + steps + " steps; what it had not reached is untouched");
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ShmException cause) {
                throw cause;
            }
            throw new ShmException("lost the native actuator: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while objects were removed; what was begun is still completed", e);
        }
    }

    /** Carries out the steps; so few as this is for in their order. */
    public static void run(String privateDirectory, List<String> steps, BiConsumer<Integer, Result> onResult) {
        if (!steps.isEmpty()) {
            Actuator actuator = start(privateDirectory, () -> {});
            steps.forEach(actuator::add);
            actuator.finish(onResult);
        }
    }

    /** Waits until what was added is carried out, so that the caller's locks outlast it. */
    @Override
    public void close() {
        end();
        try {
            for (Worker worker : workers) {
                await(worker);
                worker.thread.join(TimeUnit.SECONDS.toMillis(STALL_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until it has carried out its part, or nothing was carried out for so long that a process must be stopped. */
    private void await(Worker worker) throws InterruptedException {
        progress = System.nanoTime();
        while (!worker.outcomes.isDone()) {
            worker.thread.join(LOOK_MILLIS);
            NativeProcess program = worker.program;
            if (program != null && System.nanoTime() - progress > TimeUnit.SECONDS.toNanos(STALL_SECONDS)) {
                program.process().destroyForcibly();
            }
        }
    }

    private void end() {
        flush();
        plan.add(END);
    }

    private Outcomes carryOut(Worker worker) throws IOException, InterruptedException {
        try (NativeProcess program = HelperProgram.start("act", List.of(privateDirectory))) {
            worker.program = program;
            Process process = program.process();
            Thread writer = thread("shmkit-actuator-plan", () -> write(process.getOutputStream()));
            List<Told> told = new ArrayList<>();
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                for (String line; (line = lines.readLine()) != null; ) {
                    Matcher fields = OUTCOME_LINE.matcher(line);
                    if (fields.matches()) { // if not, a kill cut it off
                        told.add(new Told(
                                Integer.parseInt(fields.group(1)),
                                new Result(Outcome.valueOf(fields.group(2)), Integer.parseInt(fields.group(3)))));
                        progress = System.nanoTime();
                        onOutcome.run();
                    }
                }
            }
            plan.add(END); // if the program ended early: nobody is to read the rest
            writer.join();
            return new Outcomes(told, program.endedWell() ? "" : program.end());
        }
    }

    private void write(OutputStream out) {
        try (out) {
            for (byte[] lines = plan.take(); lines != END; lines = plan.take()) {
                out.write(lines);
                out.flush();
            }
            plan.add(END); // for the other one
        } catch (IOException e) {
            // The program ended early: its exit code tells more than this broken pipe.
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }
}
