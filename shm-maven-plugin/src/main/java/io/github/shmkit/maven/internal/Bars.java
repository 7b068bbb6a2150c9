package io.github.shmkit.maven.internal;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a bar chart of leaks shows, the longest bar first.
 *
 * @param bars all of them
 */
record Bars(List<Bar> bars) {
    private static final int SHOWN_MAX = 10;

    /**
     * One of them.
     *
     * @param label whose
     * @param value its length for people
     */
    record Bar(String label, long bytes, String value) {}

    Bars {
        bars = bars.stream()
                .sorted(Comparator.comparing(Bar::bytes).reversed().thenComparing(Bar::label))
                .toList();
    }

    static Bars byObject(LeakReport report) {
        return new Bars(report.leaks().stream()
                .map(item -> new Bar(item.address(), item.bytes(), item.sizeText()))
                .toList());
    }

    static Bars byCreator(LeakReport report) {
        return new Bars(report.leaks().stream()
                .collect(Collectors.groupingBy(Item::creatorInBuild, TreeMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .map(entry -> {
                    long bytes = Size.sum(entry.getValue().stream().mapToLong(Item::bytes));
                    String count = Summary.count(entry.getValue().size(), "object", "objects");
                    return new Bar(entry.getKey(), bytes, Size.bytes(bytes) + ", " + count);
                })
                .toList());
    }

    List<Bar> largest() {
        return bars.stream().limit(SHOWN_MAX).toList();
    }

    /** Of the longest one's length. */
    double share(Bar bar) {
        long longest = bars.get(0).bytes();
        return longest == 0 ? 0 : (double) bar.bytes() / longest;
    }
}
