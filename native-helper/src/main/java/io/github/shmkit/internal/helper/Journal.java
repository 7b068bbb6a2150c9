package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.script.ScriptResult.Status;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * The last things that a native helper was told to do, and what it answered; kept on this side, so that a killed helper
 * takes nothing with it.
 */
final class Journal {
    private static final int ENTRIES = 64;
    private static final int STEPS_SHOWN = 8;
    /** Requests that are larger are kept as text: 64 of the largest would be a quarter of a GiB. */
    private static final int LARGEST_KEPT = 1 << 12;

    private final Deque<Entry> entries = new ArrayDeque<>();

    /**
     * One request.
     *
     * @param what was to be done; its text is made when it is asked for
     */
    private record Entry(Instant time, Object what, CompletableFuture<Connection.Ending> ending) {
        @Override
        public String toString() {
            return time + " " + what + ": " + (ending.isDone() ? describe(ending.join()) : "no answer");
        }

        private static String describe(Connection.Ending ending) {
            return ending.status() == Status.OK ? "done" : ending.status() + " at step " + ending.last();
        }
    }

    private record Steps(List<Instruction> instructions) {
        @Override
        public String toString() {
            if (instructions.size() == 1) {
                return instructions.get(0).toString();
            }
            List<String> shown = IntStream.range(0, Math.min(STEPS_SHOWN, instructions.size()))
                    .mapToObj(step -> step + " " + instructions.get(step))
                    .toList();
            return "a script of " + instructions.size() + " steps: " + String.join("; ", shown)
                    + (shown.size() < instructions.size() ? "; …" : "");
        }
    }

    /**
     * Notes a request.
     *
     * @param size bytes of it
     */
    synchronized void note(List<Instruction> instructions, int size, CompletableFuture<Connection.Ending> ending) {
        if (entries.size() == ENTRIES) {
            entries.removeFirst();
        }
        Steps steps = new Steps(instructions);
        entries.addLast(new Entry(Instant.now(), size > LARGEST_KEPT ? steps.toString() : steps, ending));
    }

    /** Oldest first. */
    synchronized List<String> lines() {
        return entries.stream().map(Entry::toString).toList();
    }
}
