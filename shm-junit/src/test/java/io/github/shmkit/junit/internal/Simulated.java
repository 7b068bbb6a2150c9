package io.github.shmkit.junit.internal;

import io.github.shmkit.junit.internal.Exploration.Candidate;
import io.github.shmkit.junit.internal.Exploration.Step;
import io.github.shmkit.junit.internal.Interleaved.Chooser;
import io.github.shmkit.trace.PendingAccess.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A run of programs that are only lists of accesses.
 *
 * @param steps the choices that were made
 * @param words what the words hold at the end
 */
record Simulated(List<Step> steps, List<Integer> words) {
    static final int WORDS = 3;

    /** Loads a word into a register of the program, or stores the register plus a number there. */
    record Access(int word, boolean stores, int added) {
        private List<Range> ranges() {
            return List.of(new Range("box", 8L * word, 8, stores));
        }
    }

    static Simulated run(List<List<Access>> programs, Chooser chooser) {
        int[] next = new int[programs.size()];
        int[] registers = new int[programs.size()];
        int[] words = new int[WORDS];
        List<Step> steps = new ArrayList<>();
        for (int current = -1; ; ) {
            List<Candidate> enabled = IntStream.range(0, programs.size())
                    .filter(i -> next[i] < programs.get(i).size())
                    .mapToObj(i -> new Candidate(i, programs.get(i).get(next[i]).ranges(), false))
                    .toList();
            if (enabled.isEmpty()) {
                return new Simulated(steps, Arrays.stream(words).boxed().toList());
            }
            int chosen = chooser.choose(steps.size(), current, enabled);
            Access access = programs.get(chosen).get(next[chosen]++);
            if (access.stores()) {
                words[access.word()] = registers[chosen] + access.added();
            } else {
                registers[chosen] = words[access.word()];
            }
            steps.add(new Step(chosen, current, enabled));
            current = chosen;
        }
    }

    List<Integer> schedule() {
        return steps.stream().map(Step::chosen).toList();
    }
}
