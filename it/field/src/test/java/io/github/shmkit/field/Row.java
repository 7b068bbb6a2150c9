package io.github.shmkit.field;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of the page.
 *
 * @param program its name
 * @param version as installed; why it was left out, if it was
 * @param operation what the process does
 * @param question what was asked
 * @param answer what came out
 * @param counts what was counted
 * @param seconds how long it took
 * @param report a link; empty for none
 */
record Row(
        String program,
        String version,
        String operation,
        String question,
        String answer,
        Counts counts,
        String seconds,
        String report) {
    /**
     * What was counted.
     *
     * @param crashes invocations in which a process was killed
     * @param states invocations in which a content was looked at
     * @param stuck of these, those that left others waiting for ever
     * @param torn of these, those in which other processes read bytes that no process wrote
     * @param wrong of these, those that left others failing
     */
    record Counts(int crashes, int states, int stuck, int torn, int wrong) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0);

        int points() {
            return crashes + states;
        }

        private static String cell(int number) {
            return number == 0 ? "" : Integer.toString(number);
        }
    }

    /** One that was not run. */
    static Row leftOut(String program, String why) {
        return new Row(program, why, "", "", "", Counts.NONE, "", "");
    }

    /** The same, of its cells. */
    static Row of(Map<String, String> cells) {
        return new Row(
                cells.getOrDefault("program", ""),
                cells.getOrDefault("version", ""),
                cells.getOrDefault("operation", ""),
                cells.getOrDefault("asked", ""),
                cells.getOrDefault("came out", ""),
                new Counts(
                        number(cells, "crash points"),
                        number(cells, "states"),
                        number(cells, "stuck"),
                        number(cells, "torn"),
                        number(cells, "wrong")),
                cells.getOrDefault("seconds", ""),
                cells.getOrDefault("report", ""));
    }

    private static int number(Map<String, String> cells, String head) {
        return Integer.parseInt(cells.getOrDefault(head, "0"));
    }

    /** Heads of columns, and what is in them. */
    Map<String, String> cells() {
        Map<String, String> cells = new LinkedHashMap<>();
        cells.put("program", program);
        cells.put("version", version);
        cells.put("operation", operation);
        cells.put("asked", question);
        cells.put("came out", answer);
        cells.put("crash points", Counts.cell(counts.crashes()));
        cells.put("states", Counts.cell(counts.states()));
        cells.put("stuck", Counts.cell(counts.stuck()));
        cells.put("torn", Counts.cell(counts.torn()));
        cells.put("wrong", Counts.cell(counts.wrong()));
        cells.put("report", report);
        cells.put("seconds", seconds);
        return cells;
    }
}
