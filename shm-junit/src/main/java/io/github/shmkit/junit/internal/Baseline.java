package io.github.shmkit.junit.internal;

import java.io.File;
import java.util.HashSet;
import java.util.Set;

/**
 * What was there before a test, which is not its.
 *
 * @param sysv "key id" of segments
 * @param names in /dev/shm
 * @param descriptors numbers of open descriptors
 * @param undisturbed whether no other test of this JVM was going on
 * @param testsBefore how many tests had begun in this JVM
 */
record Baseline(Set<String> sysv, Set<String> names, Set<String> descriptors, boolean undisturbed, long testsBefore) {
    private static final String DESCRIPTORS = "/proc/self/fd";

    static Baseline take() {
        Set<String> sysv = new HashSet<>();
        String rows = ProcessTree.read("/proc/sysvipc/shm");
        rows.lines().skip(1).forEach(row -> {
            String[] fields = row.strip().split("\\s+", 3);
            sysv.add(fields[0] + " " + fields[1]);
        });
        return new Baseline(sysv, list(SharedView.SHM), openNumbers(), Run.testsGoingOn() <= 1, Run.testsBegun());
    }

    /** Without the one by which they were listed: the next file that is opened gets its number. */
    private static Set<String> openNumbers() {
        Set<String> numbers = new HashSet<>(list(DESCRIPTORS));
        int free = 0;
        while (numbers.contains(Integer.toString(free))) {
            free++;
        }
        // It had the lowest number that was free, so that all below are in use.
        for (int number = free - 1; number >= 0; number--) {
            if (!new File(DESCRIPTORS, Integer.toString(number)).exists()) {
                numbers.remove(Integer.toString(number));
                break;
            }
        }
        return numbers;
    }

    private static Set<String> list(String folder) {
        String[] names = new File(folder).list();
        return names == null ? Set.of() : Set.of(names);
    }

    /**
     * Numbers of descriptors that are still of the same file: to ask the kernel for each would cost more than all else.
     * While tests run at once, any number may have been given back and given out again.
     */
    Set<String> sameDescriptors() {
        return undisturbed && Run.testsBegun() == testsBefore ? descriptors : Set.of();
    }

    boolean hasName(String name) {
        return names.contains(name);
    }

    boolean hasSysv(int key, int id) {
        return sysv.contains(key + " " + id);
    }
}
