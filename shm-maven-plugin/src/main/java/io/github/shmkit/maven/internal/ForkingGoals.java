package io.github.shmkit.maven.internal;

import java.util.Map;
import java.util.Set;

/** The goals that start processes which may use shared memory. */
public final class ForkingGoals {
    /** For "any goal". */
    private static final String ANY = "*";

    private static final Map<String, String> GOAL_BY_PLUGIN = Map.of(
            "maven-surefire-plugin", "test",
            "maven-failsafe-plugin", "integration-test",
            "maven-antrun-plugin", "run",
            "exec-maven-plugin", ANY);

    private static final Set<String> TEST_PLUGINS = Set.of("maven-surefire-plugin", "maven-failsafe-plugin");

    private ForkingGoals() {}

    public static boolean contains(String artifactId, String goal) {
        String known = GOAL_BY_PLUGIN.get(artifactId);
        return ANY.equals(known) || goal.equals(known);
    }

    /** Whether it starts a JVM for tests, which takes its time. */
    public static boolean startsTestJvm(String artifactId, String goal) {
        return TEST_PLUGINS.contains(artifactId) && contains(artifactId, goal);
    }

    /** Whether it hands environment variables from its configuration on. */
    public static boolean takesEnvironment(String artifactId, String goal) {
        return startsTestJvm(artifactId, goal) || (artifactId.equals("exec-maven-plugin") && goal.equals("exec"));
    }
}
