package io.github.shmkit.bench;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What was measured of ours and of one peer, in pairs; as a line of text it comes out of the JVM that measured.
 *
 * @param goal the largest good ratio, or not a number
 * @param peer empty if there is none, and then there are no samples of it
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Samples(String id, String work, String unit, String peer, double goal, double[] ours, double[] theirs) {
    private static final int FIELDS = 7;

    String line() {
        return String.join("\t", id, work, unit, peer, Double.toString(goal), text(ours), text(theirs));
    }

    static Samples parse(String line) {
        String[] fields = line.split("\t", -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("not a line of samples: " + line);
        }
        return new Samples(
                fields[0],
                fields[1],
                fields[2],
                fields[3],
                Double.parseDouble(fields[4]),
                numbers(fields[5]),
                numbers(fields[6]));
    }

    /** What says that others are of the same row. */
    String key() {
        return id + " / " + work + " / " + peer;
    }

    /** These and those of a later pass. */
    Samples and(Samples later) {
        return new Samples(id, work, unit, peer, goal, joined(ours, later.ours), joined(theirs, later.theirs));
    }

    private static double[] joined(double[] first, double[] second) {
        double[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String text(double[] samples) {
        return Arrays.stream(samples).mapToObj(Double::toString).collect(Collectors.joining(","));
    }

    private static double[] numbers(String text) {
        return text.isEmpty()
                ? new double[0]
                : Arrays.stream(text.split(",", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
    }
}
