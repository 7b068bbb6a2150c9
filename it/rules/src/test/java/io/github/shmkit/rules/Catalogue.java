package io.github.shmkit.rules;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The ids that there are, in the order of the page. */
final class Catalogue {
    /** What each section is about, by its letter. */
    static final Map<String, String> SECTIONS = Map.of(
            "M", "mmap",
            "P", "POSIX shared memory",
            "S", "System V shared memory",
            "Y", "Synchronisation",
            "K", "Isolation");

    private Catalogue() {}

    static Set<String> ids() {
        Set<String> ids = new LinkedHashSet<>();
        add(ids, "M", 3);
        ids.add("M3b");
        add(ids, "M", 23);
        add(ids, "P", 11);
        add(ids, "S", 25);
        add(ids, "Y", 5);
        add(ids, "K", 3);
        return ids;
    }

    private static void add(Set<String> ids, String section, int last) {
        IntStream.rangeClosed(1, last).mapToObj(number -> section + number).forEach(ids::add);
    }
}
