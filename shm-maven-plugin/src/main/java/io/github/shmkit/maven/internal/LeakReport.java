package io.github.shmkit.maven.internal;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a check or a sweep found, ready to be shown.
 *
 * @param time when, ISO 8601 in UTC
 * @param session of the build; empty for none
 * @param items the leaks first, the largest first among them
 * @param notes what could not be looked at, printable
 * @param attribution how well creators were known, in one line; empty for unknown
 */
record LeakReport(String time, String session, List<Item> items, List<String> notes, String attribution) {
    /** Of the JSON file; a reader must refuse one that it does not know, and ignore members that it does not know. */
    static final int SCHEMA = 1;

    LeakReport(String time, String session, List<Item> items, List<String> notes) {
        this(time, session, items, notes, "");
    }

    LeakReport {
        items = items.stream()
                .sorted(Comparator.comparing((Item item) -> !item.leak())
                        .thenComparing(item -> !item.possible())
                        .thenComparing(item -> -item.bytes())
                        .thenComparing(Item::kind)
                        .thenComparing(Item::address))
                .toList();
        notes = List.copyOf(notes);
    }

    LeakReport withAttribution(String line) {
        return new LeakReport(time, session, items, notes, line);
    }

    /** Where {@code shm:check} has not run, there is nothing to say. */
    static LeakReport ofNoCheck() {
        return new LeakReport("", "", List.of(), List.of());
    }

    boolean isOfNoCheck() {
        return time.isEmpty();
    }

    List<Item> leaks() {
        return items.stream().filter(Item::leak).toList();
    }

    /** What the build may have left, without any proof. */
    List<Item> possible() {
        return items.stream().filter(Item::possible).toList();
    }

    boolean isClean() {
        return leaks().isEmpty() && possible().isEmpty();
    }

    List<Item> stillThere() {
        return items.stream().filter(item -> item.leak() && !item.isRemoved()).toList();
    }

    long leakedBytes() {
        return Size.sum(leaks().stream().mapToLong(Item::bytes));
    }

    /** "2 objects, 8.0 KiB". */
    String total() {
        return Summary.count(leaks().size(), "object", "objects") + ", " + Size.bytes(leakedBytes());
    }

    String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("schema", SCHEMA);
        map.put("generator", "shm-maven-plugin");
        map.put("time", time);
        map.put("session", session);
        map.put("leaks", leaks().size());
        map.put("leakedBytes", leakedBytes());
        map.put("objects", items.stream().map(Item::toMap).toList());
        map.put("notes", notes);
        map.put("attribution", attribution);
        return Json.write(map);
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it is not of this schema
     */
    static LeakReport ofJson(String json) {
        Object map = Json.read(json);
        if (Json.number(map, "schema") != SCHEMA) {
            throw new IllegalArgumentException("schema is not " + SCHEMA);
        }
        return new LeakReport(
                Json.text(map, "time"),
                Json.text(map, "session"),
                Json.list(map, "objects").stream()
                        .map(object -> Item.of((Object) object))
                        .toList(),
                Json.list(map, "notes").stream().map(String::valueOf).toList(),
                map instanceof Map<?, ?> members && members.containsKey("attribution")
                        ? Json.text(map, "attribution")
                        : "");
    }
}
