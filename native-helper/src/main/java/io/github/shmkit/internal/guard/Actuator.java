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
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Has a plan carried out by the native actuator, which proves each identity and each "unused" once more. */
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

    private final BlockingQueue<byte[]> plan = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    private final FutureTask<Outcomes> outcomes;
    private final Thread thread;
    private int steps;

    /** In the order of the steps, and how the program ended. */
    private record Outcomes(List<Told> told, int exit) {}

    private record Told(int index, Result result) {}

    private Actuator(String privateDirectory, Runnable onOutcome) {
        outcomes = new FutureTask<>(() -> carryOut(privateDirectory, onOutcome));
        thread = thread("shmkit-actuator", outcomes);
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
    }

    /**
     * Ends the plan and waits until it is carried out.
     *
     * @param onResult gets the index and the result of each step
     */
    public void finish(BiConsumer<Integer, Result> onResult) {
        end();
        try {
            Outcomes all = outcomes.get();
            all.told().forEach(told -> onResult.accept(told.index(), told.result()));
            if (all.exit() != 0 || all.told().size() != steps) {
                throw new ShmException("the native actuator ended with code " + all.exit() + " after "
                        + all.told().size() + " of " + steps + " steps; what it had not reached is untouched");
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

    /** Carries out the steps in their order. */
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
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        flush();
        plan.add(END);
    }

    private Outcomes carryOut(String privateDirectory, Runnable onOutcome) throws IOException, InterruptedException {
        Process process = HelperProgram.start("act", List.of(privateDirectory));
        try {
            Thread writer = thread("shmkit-actuator-plan", () -> write(process.getOutputStream()));
            List<Told> told = new ArrayList<>();
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                for (String line; (line = lines.readLine()) != null; ) {
                    Matcher fields = OUTCOME_LINE.matcher(line);
                    if (fields.matches()) { // if not, a kill cut it off
                        told.add(new Told(
                                Integer.parseInt(fields.group(1)),
                                new Result(Outcome.valueOf(fields.group(2)), Integer.parseInt(fields.group(3)))));
                        onOutcome.run();
                    }
                }
            }
            plan.add(END); // if the program ended early: nobody reads the rest
            writer.join();
            return new Outcomes(told, process.waitFor());
        } finally {
            process.destroyForcibly();
        }
    }

    private void write(OutputStream out) {
        try (out) {
            for (byte[] lines = plan.take(); lines != END; lines = plan.take()) {
                out.write(lines);
                out.flush();
            }
        } catch (IOException e) {
            // The program ended early: its exit code tells more than this broken pipe.
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }
}
