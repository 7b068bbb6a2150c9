package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.LeakSnapshot;
import java.util.List;

/** Sees all but what the session of this JVM made. */
record SessionLeaks() implements LeakProbe {
    private record Taken(LeakSnapshot content) implements Snapshot {
        @Override
        public List<Leak> objects() {
            return content.objects().values().stream().map(Leak::of).toList();
        }
    }

    @Override
    public Snapshot snapshot() {
        return new Taken(LeakSnapshot.take());
    }

    @Override
    public List<Leak> diff(Snapshot before) {
        if (!(before instanceof Taken taken)) {
            throw new IllegalArgumentException("a snapshot must come from a LeakProbe");
        }
        return LeakSnapshot.take().since(taken.content()).stream().map(Leak::of).toList();
    }
}
