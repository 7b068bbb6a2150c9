package io.github.shmkit.junit.internal;

import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Access.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** From the record of a whole run: where to kill the program in the runs that follow. */
public final class CrashSweep {
    private final List<Access> points;
    private final List<Long> chosen;
    private final int all;

    /** A part of a program: the numbers of its first and last point. */
    public record Part(long from, long to) {
        /** The whole of it. */
        public static final Part WHOLE = new Part(0, Long.MAX_VALUE);
    }

    /**
     * Chooses from a record.
     *
     * @param distinct whether one point for each state is enough
     * @param max how many are chosen at most
     * @param part of which points are chosen
     */
    public CrashSweep(LogFile record, boolean distinct, int max, Part part) {
        this.points = record.log().points();
        List<Long> candidates = new ArrayList<>(distinct ? states(record) : every());
        candidates.removeIf(
                point -> point < part.from() || point > part.to() || (point != part.from() && isOurs(point)));
        if (part.from() > 0 && !candidates.contains(part.from())) {
            candidates.add(0, part.from());
        }
        this.all = candidates.size();
        this.chosen = List.copyOf(candidates.subList(0, Math.min(max, all)));
    }

    /** Whether it changed nothing but the page of checkpoints. */
    private boolean isOurs(long point) {
        return point > 0
                && !access(point).changes().isEmpty()
                && access(point).changes().stream()
                        .allMatch(change -> change.segment().equals(Tracing.CHECKPOINTS));
    }

    /** The points, in order; 0 is before the first store. */
    public List<Long> chosen() {
        return chosen;
    }

    /** How many there would be without a limit. */
    public int all() {
        return all;
    }

    /** What is done last before that point, which is not 0. */
    public Access access(long point) {
        return points.get((int) point - 1);
    }

    private List<Long> every() {
        List<Long> every = new ArrayList<>(List.of(0L));
        points.forEach(access -> every.add(access.point()));
        return every;
    }

    /**
     * What others can see is the bytes, and locks of the kernel. Of these the record has the system calls, not what they
     * mean together: each makes a new state.
     */
    private List<Long> states(LogFile record) {
        return distinct(record, true);
    }

    /** The same for the bytes alone. */
    static List<Long> contents(LogFile record) {
        return distinct(record, false);
    }

    private static List<Long> distinct(LogFile record, boolean withCalls) {
        List<Long> states = new ArrayList<>(List.of(0L));
        Digest digest = new Digest(record);
        Set<List<Long>> seen = new HashSet<>(Set.of(List.of(digest.value(), 0L)));
        long calls = 0;
        for (Access access : record.log().points()) {
            access.changes().forEach(digest::apply);
            if (withCalls && access.kind() instanceof Access.Kind.SystemCall) {
                calls++;
            }
            if (seen.add(List.of(digest.value(), calls))) {
                states.add(access.point());
            }
        }
        return states;
    }

    /** Of all bytes that are not 0, whatever the order in which they came. */
    private static final class Digest {
        private static final long SPREAD = 0x9e3779b97f4a7c15L;

        private final Map<String, Long> seeds = new HashMap<>();
        private long value;

        Digest(LogFile record) {
            record.initial().forEach((segment, bytes) -> toggle(segment, 0, bytes));
        }

        void apply(Change change) {
            toggle(change.segment(), change.offset(), change.before());
            toggle(change.segment(), change.offset(), change.after());
        }

        long value() {
            return value;
        }

        private void toggle(String segment, long offset, byte[] bytes) {
            long seed = seeds.computeIfAbsent(segment, name -> mix(seeds.size() + 1L));
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] != 0) {
                    value ^= mix(seed + (((offset + i) << Byte.SIZE) | (bytes[i] & 0xff)));
                }
            }
        }

        private static long mix(long x) {
            long z = x * SPREAD;
            z = (z ^ z >>> 32) * SPREAD;
            return z ^ z >>> 29;
        }
    }

    /**
     * Where a run first did something else than the record.
     *
     * @return empty if it did the same as far as it came
     */
    public Optional<String> difference(LogFile run) {
        List<Access> others = run.log().points();
        for (int i = 0; i < others.size(); i++) {
            if (i >= points.size() || !sameShape(points.get(i), others.get(i))) {
                return Optional.of("store " + (i + 1) + " is " + others.get(i) + "; in the record it is "
                        + (i < points.size() ? points.get(i) : "missing"));
            }
        }
        return Optional.empty();
    }

    /** Values may differ: pids, times, addresses. */
    private static boolean sameShape(Access a, Access b) {
        if (!a.where().equals(b.where()) || a.changes().size() != b.changes().size()) {
            return false;
        }
        for (int i = 0; i < a.changes().size(); i++) {
            if (!a.changes().get(i).segment().equals(b.changes().get(i).segment())) {
                return false;
            }
        }
        return true;
    }
}
