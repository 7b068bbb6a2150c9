package io.github.shmkit.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Charts as SVG, which take their colours from the page. */
final class Chart {
    private static final int WIDTH = 880;
    private static final int LABELS = 390;
    private static final int VALUES = 70;
    private static final int ROW = 24;
    private static final int AXIS = 28;
    private static final int GROWTH_HEIGHT = 340;

    private final StringBuilder out = new StringBuilder();

    private Chart() {}

    /** A bar for each row, from a ratio of 1 to the left where ours is less, to the right where it is more. */
    static String ratios(List<Row> rows) {
        return new Chart().bars(rows);
    }

    private String bars(List<Row> rows) {
        Scale scale = Scale.over(
                LABELS,
                WIDTH - VALUES,
                rows.stream()
                        .flatMapToDouble(row -> DoubleStream.of(
                                1, row.ratio().low(), row.ratio().high(), row.hasGoal() ? row.goal() : 1)));
        int height = rows.size() * ROW + AXIS;
        begin(height, "ratios of ours to the peers");
        for (double tick : scale.ticks()) {
            line("grid", scale.at(tick), 0, scale.at(tick), height - AXIS + 4);
            text("tick middle", scale.at(tick), height - 8, Text.figure(tick));
        }
        line("one", scale.at(1), 0, scale.at(1), height - AXIS + 4);
        double y = 0;
        for (Row row : rows) {
            double middle = y + ROW / 2.0;
            double from = Math.min(scale.at(1), scale.at(row.ratio().median()));
            double to = Math.max(scale.at(1), scale.at(row.ratio().median()));
            text("label", 0, middle + 4, row.work() + " : " + row.peerName());
            rectangle(
                    "bar " + (row.hasGoal() ? Text.verdict(row) : "free"),
                    from,
                    y + 5,
                    Math.max(1, to - from),
                    ROW - 10);
            line(
                    "whisker",
                    scale.at(row.ratio().low()),
                    middle,
                    scale.at(row.ratio().high()),
                    middle);
            if (row.hasGoal()) {
                line("goal", scale.at(row.goal()), y + 2, scale.at(row.goal()), y + ROW - 2);
            }
            text(
                    "value",
                    WIDTH - VALUES + 8,
                    middle + 4,
                    Text.figure(row.ratio().median()));
            y += ROW;
        }
        return end();
    }

    /** How each of the series grows, both scales logarithmic, with a line that is linear growth. */
    static String growth(List<List<Row>> series) {
        return new Chart().lines(series);
    }

    private String lines(List<List<Row>> series) {
        Scale across = Scale.over(50, WIDTH - 150, DoubleStream.of(1, 10_000));
        Scale up = Scale.over(
                GROWTH_HEIGHT - AXIS,
                10,
                DoubleStream.concat(
                        DoubleStream.of(0.5, 10_000),
                        series.stream()
                                .flatMap(List::stream)
                                .mapToDouble(row -> row.ratio().median())));
        begin(GROWTH_HEIGHT, "cost beside so many, to the cost at 1");
        for (double tick : across.ticks()) {
            line("grid", across.at(tick), 10, across.at(tick), GROWTH_HEIGHT - AXIS);
            text("tick middle", across.at(tick), GROWTH_HEIGHT - 8, Text.figure(tick));
        }
        for (double tick : up.ticks()) {
            line("grid", 50, up.at(tick), WIDTH - 150, up.at(tick));
            text("tick", 4, up.at(tick) + 4, Text.figure(tick));
        }
        line("goal", across.at(1), up.at(1), across.at(10_000), up.at(10_000));
        text("label", across.at(10_000) + 8, up.at(10_000) + 4, "linear");
        int number = 0;
        for (List<Row> rows : series) {
            number++;
            StringBuilder path = new StringBuilder();
            double x = 0;
            double y = 0;
            for (Row row : rows) {
                x = across.at(row.hasGoal() ? row.goal() : 1);
                y = up.at(row.ratio().median());
                path.append(path.length() == 0 ? 'M' : 'L')
                        .append(number(x))
                        .append(' ')
                        .append(number(y));
                out.append(String.format(
                        Locale.ROOT, "<circle class=\"series%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>%n", number, x, y));
            }
            if (!rows.isEmpty()) {
                out.append("<path class=\"series")
                        .append(number)
                        .append("\" d=\"")
                        .append(path)
                        .append("\"/>\n");
                text("label", x + 8, y + 4, rows.get(0).work().substring(0, 2));
            }
        }
        return end();
    }

    /** A logarithmic scale. */
    private record Scale(double from, double to, int low, int high) {
        static Scale over(double from, double to, DoubleStream values) {
            var range = values.summaryStatistics();
            int low = (int) Math.floor(Math.log10(range.getMin()));
            int high = Math.max(low + 1, (int) Math.ceil(Math.log10(range.getMax())));
            return new Scale(from, to, low, high);
        }

        double at(double value) {
            return from + (Math.log10(value) - low) / (high - low) * (to - from);
        }

        double[] ticks() {
            return DoubleStream.iterate(low, exponent -> exponent <= high, exponent -> exponent + 1)
                    .map(exponent -> Math.pow(10, exponent))
                    .toArray();
        }
    }

    private void begin(int height, String title) {
        out.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                height,
                Page.escape(title)));
    }

    private String end() {
        return out.append("</svg>\n").toString();
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        out.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                style,
                x1,
                y1,
                x2,
                y2));
    }

    private void rectangle(String style, double x, double y, double width, double height) {
        out.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>%n",
                style,
                x,
                y,
                width,
                height));
    }

    private void text(String style, double x, double y, String text) {
        out.append(String.format(
                Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n", style, x, y, Page.escape(text)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
