package io.github.shmkit.internal.helper;

import io.github.shmkit.NativeHelper;
import io.github.shmkit.Segment;
import io.github.shmkit.internal.guard.Supervisor;
import java.util.ArrayList;
import java.util.List;

/** Starts native helpers. */
public final class NativeHelpers {
    private final Supervisor supervisor;
    private final Timeouts timeouts;

    /** Starts them through that supervisor; every limit on waiting is multiplied by the factor. */
    public NativeHelpers(Supervisor supervisor, double timeoutFactor) {
        this.supervisor = supervisor;
        this.timeouts = new Timeouts(timeoutFactor);
    }

    /** A helper in the making; what {@link NativeHelper.Builder#start} returns is a {@link DrivenHelper}. */
    public NativeHelper.Builder helper(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a helper needs a name");
        }
        return new Making(supervisor, timeouts, name, List.of());
    }

    /** A segment to attach, and how. */
    record Wanted(Segment segment, boolean readOnly) {}

    private record Making(Supervisor supervisor, Timeouts timeouts, String name, List<Wanted> wanted)
            implements NativeHelper.Builder {
        @Override
        public NativeHelper.Builder attach(Segment segment) {
            return with(new Wanted(segment, false));
        }

        @Override
        public NativeHelper.Builder attachReadOnly(Segment segment) {
            return with(new Wanted(segment, true));
        }

        private Making with(Wanted another) {
            for (Wanted w : wanted) {
                if (w.segment().label().equals(another.segment().label())) {
                    throw new IllegalArgumentException("helper '" + name + "' is already to attach a segment '"
                            + w.segment().label() + "'; give them different labels");
                }
            }
            List<Wanted> all = new ArrayList<>(wanted);
            all.add(another);
            return new Making(supervisor, timeouts, name, List.copyOf(all));
        }

        @Override
        public NativeHelper start() {
            return DrivenHelper.start(supervisor, timeouts, name, wanted);
        }
    }
}
