package io.github.shmkit.junit.internal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The names of all settings; what they mean stands in ShmSettings. */
public enum Setting {
    ARTIFACTS_DIR,
    CRASH_POINT,
    PAUSE_POINT,
    SCHEDULE,
    DEBUG,
    HELPER_PATH,
    HELPERS_MAX,
    KIND_DEFAULT,
    LEAK_POLICY,
    SEED,
    STACK_FULL,
    TIMEOUT,
    TIMEOUT_FACTOR,
    UNSUPPORTED;

    private static final String PREFIX = "shmkit.";
    /** What a pom calls our version; given on Maven's command line, Surefire hands it on to the test JVM. */
    private static final String VERSION = PREFIX + "version";

    /** As it is written in a property. */
    public String key() {
        return PREFIX + name().toLowerCase(java.util.Locale.ROOT).replace('_', '.');
    }

    /** Why a set of system properties cannot be meant; empty if each that begins as ours is one of ours. */
    public static Optional<String> misspelt(Set<String> properties) {
        Set<String> known = Arrays.stream(values()).map(Setting::key).collect(Collectors.toCollection(TreeSet::new));
        return properties.stream()
                .filter(name -> name.startsWith(PREFIX) && !name.equals(VERSION) && !known.contains(name))
                .sorted()
                .findFirst()
                .map(name -> "there is no setting " + name + "; did you mean " + nearest(name, known)
                        + "? The system property must be one of " + String.join(", ", known));
    }

    private static String nearest(String name, Set<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .orElseThrow();
    }

    /** How many letters must be put in, taken out or replaced to make one of the other (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
