package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** When the build ran what: tells which module's tests made an object. */
final class Activities {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MILLIS_PER_SECOND = 1000;

    /** By so much the kernel's time of a file may be behind. */
    private static final long CLOCK_MILLIS = 10;

    private static final class Activity {
        private final String name;
        private final long began;
        private long ended = Long.MAX_VALUE;

        Activity(String name, long began) {
            this.name = name;
            this.began = began;
        }
    }

    private final List<Activity> all = new ArrayList<>();

    synchronized void begin(String name, long millis) {
        all.add(new Activity(name, millis));
    }

    synchronized void end(String name, long millis) {
        all.stream()
                .filter(activity -> activity.name.equals(name) && activity.ended == Long.MAX_VALUE)
                .forEach(activity -> activity.ended = millis);
    }

    /** What ran when the object was made; empty where that is unknown. */
    String at(Finding finding) {
        return at(finding, this::between);
    }

    /** The same, where only somebody else can say what ran between two moments, in milliseconds since the epoch. */
    static String at(Finding finding, BiFunction<Long, Long, String> between) {
        if (finding.object().identity() instanceof Identity.OfFile file) {
            long millis = file.btimeNanos() / NANOS_PER_MILLI;
            return millis == 0 ? "" : between.apply(millis, millis + CLOCK_MILLIS);
        }
        long seconds = ((Identity.OfSysv) finding.object().identity()).ctimeSeconds();
        return seconds == 0
                ? ""
                : between.apply(seconds * MILLIS_PER_SECOND, (seconds + 1) * MILLIS_PER_SECOND - 1 + CLOCK_MILLIS);
    }

    synchronized String between(long first, long last) {
        return all.stream()
                .filter(activity -> activity.began <= last && activity.ended >= first)
                .map(activity -> activity.name)
                .distinct()
                .collect(Collectors.joining(" or "));
    }
}
