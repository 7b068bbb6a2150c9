package io.github.shmkit.maven.internal;

import java.util.Map;

/** The goals that start processes which may use shared memory. */
public final class ForkingGoals {
    /** For "any goal". */
    private static final String ANY = "*";

    private static final Map<String, String> GOAL_BY_PLUGIN = Map.of(
            "maven-surefire-plugin", "test",
            "maven-failsafe-plugin", "integration-test",
            "maven-antrun-plugin", "run",
            "exec-maven-plugin", ANY);

    private ForkingGoals() {}

    public static boolean contains(String artifactId, String goal) {
        String known = GOAL_BY_PLUGIN.get(artifactId);
        return ANY.equals(known) || goal.equals(known);
    }
}
