package io.github.shmkit.rules;

import java.util.List;

/**
 * What became of a rule.
 *
 * @param id section and number
 * @param says the rule
 * @param claimed what is often said of it; empty for nothing
 * @param seen what the kernel did, one observation each
 * @param verdict how the test ended
 * @param reason why it was skipped or failed; else empty
 */
record Outcome(String id, String says, String claimed, List<String> seen, Verdict verdict, String reason) {
    enum Verdict {
        PASSED,
        SKIPPED,
        FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    Outcome {
        seen = List.copyOf(seen);
    }
}
