package io.github.shmkit.internal.helper;

import io.github.shmkit.Instruction;
import io.github.shmkit.ScriptResult.Status;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The last things that a native helper was told to do, and what it answered; kept on this side, so that a killed helper
 * takes nothing with it.
 */
final class Journal {
    private static final int ENTRIES = 64;
    private static final int STEPS_SHOWN = 8;

    private final Deque<Entry> entries = new ArrayDeque<>();

    private record Entry(Instant time, List<Instruction> instructions, Connection.Pending pending) {
        @Override
        public String toString() {
            return time + " " + what() + ": "
                    + pending.reply().map(this::describe).orElse("no answer");
        }

        private String what() {
            if (instructions.size() == 1) {
                return instructions.get(0).toString();
            }
            List<String> shown = IntStream.range(0, Math.min(STEPS_SHOWN, instructions.size()))
                    .mapToObj(step -> step + " " + instructions.get(step))
                    .toList();
            return "a script of " + instructions.size() + " steps: " + String.join("; ", shown)
                    + (shown.size() < instructions.size() ? "; …" : "");
        }

        private String describe(Wire.Reply reply) {
            return reply.status() == Status.OK ? "done" : reply.status() + " at step " + reply.last();
        }
    }

    synchronized void note(List<Instruction> instructions, Connection.Pending pending) {
        if (entries.size() == ENTRIES) {
            entries.removeFirst();
        }
        entries.addLast(new Entry(Instant.now(), instructions, pending));
    }

    /** Oldest first. */
    synchronized List<String> lines() {
        return entries.stream().map(Entry::toString).toList();
    }
}
