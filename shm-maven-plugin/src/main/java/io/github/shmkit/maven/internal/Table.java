package io.github.shmkit.maven.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text in columns, for a terminal. */
final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        rows.add(List.of(head));
    }

    void add(String... cells) {
        if (cells.length != rows.get(0).size()) {
            throw new IllegalArgumentException(
                    cells.length + " cells for " + rows.get(0).size() + " columns");
        }
        rows.add(List.of(cells));
    }

    List<String> lines() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            Arrays.setAll(widths, i -> Math.max(widths[i], columns(row.get(i))));
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size() - 1; i++) {
            line.append(row.get(i))
                    .append(" ".repeat(widths[i] - columns(row.get(i))))
                    .append(GAP);
        }
        return line.append(row.get(row.size() - 1)).toString().stripTrailing();
    }

    private static int columns(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
