package io.github.shmkit.maven.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Text in columns, for a terminal. */
final class Table {
    private static final String GAP = "  ";

    /** A longer cell shifts the rest of its own row, and of no other. */
    private static final int WIDTH_MAX = 64;

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
        return lines(-1, cell -> "");
    }

    /** With the cells of a column in colours, given by the parameters of "select graphic rendition". */
    List<String> lines(int column, UnaryOperator<String> colour) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            Arrays.setAll(widths, i -> Math.max(widths[i], Math.min(WIDTH_MAX, columns(row.get(i)))));
        }
        return Stream.concat(
                        Stream.of(line(rows.get(0), widths, -1, colour)),
                        rows.stream().skip(1).map(row -> line(row, widths, column, colour)))
                .toList();
    }

    private static String line(List<String> row, int[] widths, int column, UnaryOperator<String> colour) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String cell = row.get(i);
            String code = i == column ? colour.apply(cell) : "";
            line.append(code.isEmpty() ? cell : "\033[" + code + "m" + cell + "\033[m");
            if (i < row.size() - 1) {
                line.append(" ".repeat(Math.max(0, widths[i] - columns(cell)))).append(GAP);
            }
        }
        return line.toString().stripTrailing();
    }

    private static int columns(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
