package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.internal.guard.Supervisor;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.process.NativeHelper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Starts native helpers. */
public final class NativeHelpers {
    private final Supervisor supervisor;
    private final Timeouts timeouts;
    private final Optional<SessionCheckpoints> checkpoints;

    /** Starts them through that supervisor. */
    public NativeHelpers(Supervisor supervisor, Timeouts timeouts) {
        this(supervisor, timeouts, Optional.empty());
    }

    /** The same, with checkpoints that their scripts can reach and wait for. */
    public NativeHelpers(Supervisor supervisor, Timeouts timeouts, SessionCheckpoints checkpoints) {
        this(supervisor, timeouts, Optional.of(checkpoints));
    }

    private NativeHelpers(Supervisor supervisor, Timeouts timeouts, Optional<SessionCheckpoints> checkpoints) {
        this.supervisor = supervisor;
        this.timeouts = timeouts;
        this.checkpoints = checkpoints;
    }

    /** A helper in the making; what {@link NativeHelper.Builder#start} returns is a {@link DrivenHelper}. */
    public NativeHelper.Builder helper(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a helper needs a name");
        }
        return new Making(supervisor, timeouts, name, List.of(), checkpoints, OptionalLong.empty(), false);
    }

    /** A segment to attach, and how. */
    record Wanted(Segment segment, boolean readOnly) {}

    /** What is to be started; isolated if it has a size of a /dev/shm of its own. */
    record Making(
            Supervisor supervisor,
            Timeouts timeouts,
            String name,
            List<Wanted> wanted,
            Optional<SessionCheckpoints> checkpoints,
            OptionalLong ownShmBytes,
            boolean root)
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
            return new Making(supervisor, timeouts, name, List.copyOf(all), checkpoints, ownShmBytes, root);
        }

        @Override
        public NativeHelper.Builder isolated() {
            return isolated(OwnNamespaces.DEFAULT_SHM_BYTES);
        }

        @Override
        public NativeHelper.Builder isolated(long shmBytes) {
            if (shmBytes < Os.pageSize()) {
                throw new IllegalArgumentException("helper '" + name + "' needs a /dev/shm of at least a page ("
                        + Os.pageSize() + " bytes), not " + shmBytes);
            }
            return new Making(supervisor, timeouts, name, wanted, checkpoints, OptionalLong.of(shmBytes), root);
        }

        @Override
        public NativeHelper.Builder asRoot() {
            return new Making(supervisor, timeouts, name, wanted, checkpoints, ownShmBytes, true);
        }

        @Override
        public NativeHelper start() {
            if (root && ownShmBytes.isEmpty()) {
                throw new IllegalStateException(
                        "helper '" + name + "' can be root in namespaces of its own only: call isolated() too");
            }
            return DrivenHelper.start(this);
        }
    }
}
