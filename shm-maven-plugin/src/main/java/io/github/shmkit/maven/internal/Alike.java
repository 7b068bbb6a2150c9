package io.github.shmkit.maven.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Objects of which the same is to be said but for their names and sizes, so that few lines name a thousand of them. */
record Alike(List<Item> items) {
    /** Fewer have a line each. */
    private static final int MANY = 8;

    private static final int NAMES_PER_LINE = 16;
    private static final String SYSV_PREFIX = "SYSV_";

    private record Key(
            boolean possible,
            String kind,
            String maker,
            long uid,
            String proof,
            boolean goes,
            String reason,
            String outcome) {
        static Key of(Item item) {
            boolean goes = Check.goes(item);
            return new Key(
                    item.possible(),
                    item.kind(),
                    item.maker(),
                    item.creatorUid(),
                    item.proof(),
                    goes,
                    goes ? "" : item.reason(),
                    item.outcome());
        }
    }

    /** In the order of the first of each. */
    static List<Alike> group(List<Item> items) {
        Map<Key, List<Item>> groups = new LinkedHashMap<>();
        for (Item item : items) {
            groups.computeIfAbsent(Key.of(item), key -> new ArrayList<>()).add(item);
        }
        return groups.values().stream().map(Alike::new).toList();
    }

    List<String> lines() {
        if (items.size() < MANY) {
            return items.stream().map(Check::line).toList();
        }
        Item first = items.get(0);
        String head = (first.possible() ? "possibly leaked " : "leaked ") + items.size() + " " + first.kind();
        List<String> lines = new ArrayList<>();
        if (first.kind().startsWith(SYSV_PREFIX)) {
            lines.add(head + " (" + sum() + ") with the ids " + ids() + ", made by " + maker());
        } else {
            lines.add(head + " (" + sum() + "), made by " + maker() + ":");
            for (int from = 0; from < items.size(); from += NAMES_PER_LINE) {
                lines.add("  "
                        + items.subList(from, Math.min(items.size(), from + NAMES_PER_LINE)).stream()
                                .map(item -> item.address() + " (" + item.sizeText() + ")")
                                .collect(Collectors.joining(", ")));
            }
        }
        if (!Check.goes(first)) {
            boolean same = items.stream().allMatch(item -> item.action().equals(first.action()));
            lines.add("  They stay: " + first.reason() + ". Remedy: " + first.action()
                    + (same ? "" : "; the same for each of the others"));
        }
        return lines;
    }

    private String maker() {
        Item first = items.get(0);
        return first.maker()
                + (first.creatorUid() < 0 ? "" : " as user " + first.creatorUid())
                + (first.proof().isEmpty() ? "" : "; proof: " + first.proof());
    }

    private String sum() {
        Item first = items.get(0);
        return first.hasBytes()
                ? Size.bytes(Size.sum(items.stream().mapToLong(Item::bytes)))
                : first.kind().equals("DIRECTORY")
                        ? Size.entries(items.stream().mapToLong(Item::size).sum())
                        : Size.semaphores(items.stream().mapToLong(Item::size).sum());
    }

    /** "3, 5 to 1030". */
    private String ids() {
        long[] ids = items.stream()
                .mapToLong(item -> Long.parseLong(item.address().split(" ", -1)[1]))
                .sorted()
                .toArray();
        List<String> runs = new ArrayList<>();
        for (int from = 0, to; from < ids.length; from = to) {
            to = from + 1;
            while (to < ids.length && ids[to] == ids[to - 1] + 1) {
                to++;
            }
            runs.add(to == from + 1 ? Long.toString(ids[from]) : ids[from] + " to " + ids[to - 1]);
        }
        return String.join(", ", runs);
    }
}
