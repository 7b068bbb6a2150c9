package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Has a plan carried out by the native actuator, which proves each identity and each "unused" once more. */
public final class Actuator {
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

    private Actuator() {}

    /**
     * Carries out the steps in their order.
     *
     * @param privateDirectory D, where quarantine is
     * @param steps lines as act.c describes them, each with its index as second field
     * @param onResult gets the index and the result of each step
     */
    public static void run(String privateDirectory, List<String> steps, BiConsumer<Integer, Result> onResult) {
        if (steps.isEmpty()) {
            return;
        }
        Process process = HelperProgram.start("act", List.of(privateDirectory));
        try {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(process.getOutputStream(), steps));
            int results = 0;
            try (BufferedReader outcomes = process.inputReader(StandardCharsets.US_ASCII)) {
                for (String line; (line = outcomes.readLine()) != null; ) {
                    Matcher fields = OUTCOME_LINE.matcher(line);
                    if (fields.matches()) { // if not, a kill cut it off
                        onResult.accept(
                                Integer.parseInt(fields.group(1)),
                                new Result(Outcome.valueOf(fields.group(2)), Integer.parseInt(fields.group(3))));
                        results++;
                    }
                }
            }
            writer.join();
            int exit = process.waitFor();
            if (exit != 0 || results != steps.size()) {
                throw new ShmException("the native actuator ended with code " + exit + " after " + results + " of "
                        + steps.size() + " steps; what it had not reached is untouched");
            }
        } catch (IOException e) {
            throw new ShmException("lost the native actuator: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ShmException("interrupted while objects were removed; the rest is untouched", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void write(OutputStream plan, List<String> steps) {
        try (OutputStream out = new java.io.BufferedOutputStream(plan, 1 << 16)) {
            for (String step : steps) {
                out.write(step.getBytes(StandardCharsets.US_ASCII));
                out.write('\n');
            }
        } catch (IOException e) {
            // The program ended early: its exit code tells more than this broken pipe.
        }
    }
}
