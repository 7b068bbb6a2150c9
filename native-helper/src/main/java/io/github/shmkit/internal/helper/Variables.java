package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The environment variables by which a program finds what it shares with the test; {@code shmkit.h} reads them. */
final class Variables {
    static final String PREFIX = "SHMKIT_";
    static final String HELPER = PREFIX + "HELPER";
    static final String CONTROL = PREFIX + "CONTROL";
    static final String PROGRAM = PREFIX + "PROGRAM";

    private Variables() {}

    /** The helper's name, the page with the checkpoints, the program that reaches them for scripts, and for each segment from 1 its label and its URI. */
    static Map<String, String> of(String helper, List<Segment> segments, Segment control, String program) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put(HELPER, helper);
        variables.put(CONTROL, control.address().uri());
        variables.put(PROGRAM, program);
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            String prefix = PREFIX + "SEGMENT_" + (i + 1);
            variables.put(prefix + "_LABEL", segment.label());
            variables.put(prefix + "_URI", segment.address().uri());
        }
        return variables;
    }
}
