package io.github.shmkit.maven.internal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** A report as numbers, in the text form of OpenMetrics that node_exporter's textfile collector reads too. */
final class Metrics {
    private static final String BYTES = "bytes";

    private Metrics() {}

    static String of(LeakReport report) {
        StringBuilder out = new StringBuilder();
        gauge("shmkit_leaked_objects", "IPC objects that the last check found left behind", report, item -> 1, out);
        gauge("shmkit_leaked_bytes", "Memory that they hold", report, Item::bytes, out);
        return out.append("# EOF\n").toString();
    }

    private static void gauge(
            String name, String help, LeakReport report, ToLongFunction<Item> value, StringBuilder out) {
        out.append("# TYPE ").append(name).append(" gauge\n");
        if (name.endsWith(BYTES)) {
            out.append("# UNIT ").append(name).append(' ').append(BYTES).append('\n');
        }
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        Map<String, List<Item>> byKind =
                report.leaks().stream().collect(Collectors.groupingBy(Item::kind, TreeMap::new, Collectors.toList()));
        Kinds.names()
                .forEach(kind -> out.append(name)
                        .append("{kind=\"")
                        .append(kind)
                        .append("\"} ")
                        .append(Size.sum(
                                byKind.getOrDefault(kind, List.of()).stream().mapToLong(value)))
                        .append('\n'));
    }
}
