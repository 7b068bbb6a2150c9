package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What a session will tell of itself if its test fails; may be written and read by any thread. */
public final class Evidence {
    private final String owner;
    private final long seed;
    private final List<Known> segments = new CopyOnWriteArrayList<>();
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private volatile boolean seedUsed;
    private volatile @Nullable Awaited awaited;
    private volatile @Nullable Report early;

    /** A segment, and what it held at first. */
    record Known(Segment segment, Contents initial, String origin) {}

    /** Where the last wait looked. */
    record Awaited(Segment segment, long offset) {}

    Evidence(String owner, long seed) {
        this.owner = owner;
        this.seed = seed;
    }

    void add(Segment segment, Contents initial, String origin) {
        segments.add(new Known(segment, initial, origin));
    }

    void usesSeed() {
        seedUsed = true;
    }

    /** Something to begin the report with. */
    public void note(String line) {
        notes.add(line);
    }

    List<String> notes() {
        return notes;
    }

    /** A wait looks at that place. */
    public void awaits(Segment segment, long offset) {
        awaited = new Awaited(segment, offset);
    }

    /** Keeps a report that was made before something that would spoil it. */
    public void keep(Report report) {
        early = report;
    }

    /** What was kept. */
    public Optional<Report> kept() {
        return Optional.ofNullable(early);
    }

    String owner() {
        return owner;
    }

    long seed() {
        return seed;
    }

    boolean isSeedUsed() {
        return seedUsed;
    }

    List<Known> segments() {
        return segments;
    }

    Optional<Awaited> awaited() {
        return Optional.ofNullable(awaited);
    }
}
