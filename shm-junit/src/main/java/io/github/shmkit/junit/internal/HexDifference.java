package io.github.shmkit.junit.internal;

import io.github.shmkit.internal.ipc.Hexdump;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where two contents differ, row by row. */
public final class HexDifference {
    private static final int ROW = 16;
    private static final int ROWS_MAX = 16;

    private HexDifference() {}

    /**
     * The rows that differ, what is expected before what is there.
     *
     * @param offset of the first byte
     * @return empty if none does
     */
    public static Optional<String> between(byte[] expected, byte[] actual, long offset) {
        List<String> lines = new ArrayList<>();
        int rows = 0;
        for (int from = 0; from < expected.length; from += ROW) {
            int to = Math.min(expected.length, from + ROW);
            if (!Arrays.equals(expected, from, to, actual, from, to)) {
                if (rows++ < ROWS_MAX) {
                    lines.add("- " + row(expected, from, to, offset));
                    lines.add("+ " + row(actual, from, to, offset));
                }
            }
        }
        if (rows > ROWS_MAX) {
            lines.add("  and " + (rows - ROWS_MAX) + " rows more");
        }
        return lines.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", lines));
    }

    private static String row(byte[] bytes, int from, int to, long offset) {
        return Hexdump.of(Arrays.copyOfRange(bytes, from, to), offset + from).stripTrailing();
    }
}
