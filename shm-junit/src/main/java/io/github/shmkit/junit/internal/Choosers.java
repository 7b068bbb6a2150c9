package io.github.shmkit.junit.internal;

import io.github.shmkit.junit.internal.Exploration.Candidate;
import io.github.shmkit.junit.internal.Interleaved.Chooser;
import io.github.shmkit.junit.internal.Interleaved.Departure;
import java.util.List;

/** Who makes the next access, where that was decided before. */
final class Choosers {
    private Choosers() {}

    /** First those, then whoever made the last access, as long as it can. */
    static Chooser prefix(List<Integer> choices, List<String> names) {
        return (number, current, enabled) -> number < choices.size()
                ? demanded(choices.get(number), number, names.get(choices.get(number)), enabled)
                : byDefault(current, enabled);
    }

    /** As it is written; behind its end as it comes. */
    static Chooser following(Schedule schedule, Interleaved run) {
        List<String> words = schedule.names();
        return (number, current, enabled) -> {
            if (number >= words.size()) {
                return byDefault(current, enabled);
            }
            String word = words.get(number);
            int program = run.number(word)
                    .orElseThrow(() -> new IllegalArgumentException(
                            Setting.SCHEDULE.key() + " names '" + word + "', which is none of the programs"));
            return demanded(program, number, word, enabled);
        };
    }

    private static int demanded(int program, int number, String name, List<Candidate> enabled) {
        if (enabled.stream().noneMatch(candidate -> candidate.program() == program)) {
            throw new Departure(
                    "the programs do not do the same each time: after " + number + " accesses it would be the "
                            + "turn of " + name + ", which has ended, is blocked, or waits for a change");
        }
        return program;
    }

    static int byDefault(int current, List<Candidate> enabled) {
        return enabled.stream().anyMatch(candidate -> candidate.program() == current)
                ? current
                : enabled.get(0).program();
    }
}
