package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The rules that decide what becomes of an object, for people. */
final class Rules {
    /** What each asks, by its name. */
    static final Map<String, String> ALL = all();

    private Rules() {}

    private static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        Arrays.stream(Rule.values()).forEach(rule -> all.put(rule.name(), text(rule)));
        return all;
    }

    private static String text(Rule rule) {
        return switch (rule) {
            case R0_DOMAIN -> "The record of it is of this boot, this /dev/shm and this IPC namespace.";
            case R1_TYPE -> "It is a plain file with a single name, or a System V object.";
            case R2_OWNER -> "This user made it.";
            case R3_MINE -> "A session made it, was seen to make it, or you claimed it.";
            case R4_EXCLUSIVE -> "If it is only new: nobody else makes objects on this host.";
            case R5_SESSION_DEAD -> "The session that it belongs to has ended.";
            case R6_NO_CARRIER -> "No process that the session started still runs.";
            case R7_UNUSED -> "Nobody uses it now; the kernel says so.";
            case R8_QUIESCENT -> "It has rested long enough, and two looks agree.";
        };
    }
}
