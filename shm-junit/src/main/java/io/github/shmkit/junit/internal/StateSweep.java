package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Access.Change;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The contents that segments had while a program wrote them, one after the other. */
public final class StateSweep {
    private final LogFile record;
    private final List<Access> points;
    private final List<Long> chosen;
    private final int all;
    private final Map<String, byte[]> contents = new HashMap<>();
    private long at;

    /**
     * Chooses from a record those that differ.
     *
     * @param max how many are chosen at most
     */
    public StateSweep(LogFile record, int max) {
        this.record = record;
        this.points = record.log().points();
        List<Long> states = new ArrayList<>(CrashSweep.contents(record));
        this.all = states.size();
        this.chosen = List.copyOf(states.subList(0, Math.min(max, all)));
        begin();
    }

    private void begin() {
        contents.clear();
        record.initial().forEach((label, bytes) -> contents.put(label, bytes.clone()));
        at = 0;
    }

    /** The points after which there is a new content; 0 is before the first. */
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

    /** Makes the segments have what they had after that point. */
    public void show(long point, Collection<Segment> segments) {
        if (point < at) {
            begin();
        }
        while (at < point) {
            points.get((int) at).changes().forEach(this::apply);
            at++;
        }
        for (Segment segment : segments) {
            byte[] content = contents.get(segment.label());
            if (content == null) {
                throw new IllegalArgumentException("the program has not mapped segment '" + segment.label()
                        + "', only '" + String.join("', '", contents.keySet()) + "'; attach it to the program");
            }
            segment.putBytes(0, content);
        }
    }

    private void apply(Change change) {
        byte[] after = change.after();
        byte[] content = contents.get(change.segment());
        System.arraycopy(after, 0, content, (int) change.offset(), after.length);
    }
}
