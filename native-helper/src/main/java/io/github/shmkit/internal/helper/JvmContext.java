package io.github.shmkit.internal.helper;

import io.github.shmkit.Checkpoints;
import io.github.shmkit.RemoteContext;
import io.github.shmkit.Segment;
import io.github.shmkit.internal.ipc.AttachedSegment;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What a JVM helper shares with the test; maps it when it is first asked for. */
final class JvmContext implements RemoteContext, AutoCloseable {
    private final JvmWire.Configuration configuration;
    private final Map<String, Segment> segments = new HashMap<>();
    private final Checkpoints checkpoints;
    private boolean closed;

    JvmContext(JvmWire.Configuration configuration) {
        this.configuration = configuration;
        this.checkpoints = new PageCheckpoints(
                new ControlSupplier(), configuration.name(), new Timeouts(configuration.timeoutFactor()));
    }

    /** The page with the checkpoints, mapped at the first use. */
    private final class ControlSupplier implements java.util.function.Supplier<ControlPage> {
        private @org.jspecify.annotations.Nullable ControlPage page;

        @Override
        public ControlPage get() {
            synchronized (JvmContext.this) {
                if (page == null) {
                    page = new ControlPage(open("", configuration.control()));
                }
                return page;
            }
        }
    }

    private Segment open(String key, io.github.shmkit.Attach attach) {
        if (closed) {
            throw new IllegalStateException("helper '" + configuration.name() + "' has ended");
        }
        Segment segment = AttachedSegment.open(key, attach);
        segments.put(key, segment);
        return segment;
    }

    @Override
    public String name() {
        return configuration.name();
    }

    @Override
    public Segment segment() {
        if (configuration.segments().isEmpty()) {
            throw new IllegalArgumentException("helper '" + name() + "' has no segment attached; attach(segment) one");
        }
        return segment(configuration.segments().get(0).label());
    }

    @Override
    public synchronized Segment segment(String label) {
        Segment known = segments.get(label);
        if (known != null && !label.isEmpty()) {
            return known;
        }
        for (JvmWire.Shared shared : configuration.segments()) {
            if (shared.label().equals(label)) {
                return open(label, shared.attach());
            }
        }
        throw new IllegalArgumentException("helper '" + name() + "' has no segment '" + label + "' attached, only "
                + configuration.segments().stream()
                        .map(s -> "'" + s.label() + "'")
                        .collect(Collectors.joining(", ")));
    }

    @Override
    public Checkpoints checkpoints() {
        return checkpoints;
    }

    @Override
    public synchronized void close() {
        closed = true;
        segments.values().forEach(Segment::close);
    }
}
