package io.github.shmkit.internal.sweep;

import java.util.concurrent.atomic.LongAdder;

/** How far a sweep is, for those who wait for it; may be asked at any time from another thread. */
public final class SweepProgress {
    private final LongAdder looked = new LongAdder();
    private final LongAdder planned = new LongAdder();
    private final LongAdder acted = new LongAdder();

    void looked() {
        looked.increment();
    }

    void planned() {
        planned.increment();
    }

    void acted() {
        acted.increment();
    }

    /** So many objects were looked at; one that is looked at twice counts twice. */
    public long lookedAt() {
        return looked.sum();
    }

    /** So many are to be removed, as far as is known yet. */
    public long toRemove() {
        return planned.sum();
    }

    /** Of so many it is known what came of that; steps of housekeeping count too. */
    public long done() {
        return acted.sum();
    }
}
