package io.github.shmkit.maven.internal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A report as JUnit's XML, which CI systems show: one test for each creator, failed by what it left. A creator has the
 * same name in each build, so that a CI system can tell since when it leaks.
 */
final class JunitXml {
    private static final String CLASS_NAME = "shmkit.leaks";

    private JunitXml() {}

    static String of(LeakReport report) {
        Map<String, List<Item>> byMaker = report.leaks().stream()
                .collect(Collectors.groupingBy(Item::creatorInBuild, TreeMap::new, Collectors.toList()));
        StringBuilder out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.append("<testsuite name=\"").append(CLASS_NAME).append("\" tests=\"");
        out.append(Math.max(1, byMaker.size())).append("\" failures=\"").append(byMaker.size());
        out.append("\" errors=\"0\" skipped=\"0\" time=\"0\" timestamp=\"");
        out.append(Markup.escape(report.time().replaceAll("(\\.\\d+)?Z$", ""))).append("\">\n");
        if (byMaker.isEmpty()) {
            testcase(report.isClean() ? "nothing is left" : "nothing is proved to be left", out)
                    .append("/>\n");
        }
        byMaker.forEach((maker, items) -> {
            testcase(maker, out).append(">\n    <failure type=\"leak\" message=\"");
            out.append(Markup.escape(Summary.count(items.size(), "IPC object", "IPC objects") + " left"));
            out.append("\">");
            items.forEach(item -> out.append(Markup.escape(Check.line(item))).append('\n'));
            out.append("</failure>\n  </testcase>\n");
        });
        return out.append("</testsuite>\n").toString();
    }

    private static StringBuilder testcase(String name, StringBuilder out) {
        return out.append("  <testcase classname=\"")
                .append(CLASS_NAME)
                .append("\" name=\"")
                .append(Markup.escape(name))
                .append("\" time=\"0\"");
    }
}
