package io.github.shmkit.internal.helper;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.ipc.AttachedSegment;
import io.github.shmkit.internal.ipc.KernelObject;
import io.github.shmkit.internal.ipc.Messages;
import io.github.shmkit.internal.ipc.Queue;
import io.github.shmkit.internal.ipc.Semaphore;
import io.github.shmkit.internal.ipc.SemaphoreSet;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.process.Checkpoints;
import io.github.shmkit.process.RemoteContext;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What a JVM helper shares with the test; maps it when it is first asked for. */
final class JvmContext implements RemoteContext, AutoCloseable {
    private final JvmWire.Configuration configuration;
    private final Map<String, Segment> segments = new HashMap<>();
    private final Map<String, KernelObject> objects = new HashMap<>();
    private final Checkpoints checkpoints;
    private boolean closed;

    JvmContext(JvmWire.Configuration configuration) {
        this.configuration = configuration;
        this.checkpoints = new PageCheckpoints(new ControlSupplier(), configuration.name(), configuration.timeouts());
    }

    /** The page with the checkpoints, mapped at the first use. */
    private final class ControlSupplier implements Supplier<ControlPage> {
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

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("helper '" + configuration.name() + "' has ended");
        }
    }

    private Segment open(String key, io.github.shmkit.SegmentAddress attach) {
        requireOpen();
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
                return open(label, shared.address());
            }
        }
        throw new IllegalArgumentException("helper '" + name() + "' has no segment '" + label + "' attached, only "
                + configuration.segments().stream()
                        .map(s -> "'" + s.label() + "'")
                        .collect(Collectors.joining(", ")));
    }

    /** Opens it at the first call. */
    private synchronized <T extends KernelObject> T object(Class<T> type, Object name, Supplier<T> opening) {
        requireOpen();
        return type.cast(objects.computeIfAbsent(type.getName() + ' ' + name, key -> opening.get()));
    }

    @Override
    public NamedSemaphore semaphore(String name) {
        return object(Semaphore.class, name, () -> Semaphore.open(PrivateDir.SHM, name));
    }

    @Override
    public SysvSemaphoreSet semaphoreSet(int id) {
        return object(SemaphoreSet.class, id, () -> SemaphoreSet.open(id));
    }

    @Override
    public PosixQueue posixQueue(String name) {
        return object(Queue.class, name, () -> Queue.open(name));
    }

    @Override
    public SysvQueue sysvQueue(int id) {
        return object(Messages.class, id, () -> Messages.open(id));
    }

    @Override
    public Checkpoints checkpoints() {
        return checkpoints;
    }

    @Override
    public synchronized void close() {
        closed = true;
        segments.values().forEach(Segment::close);
        objects.values().forEach(KernelObject::close);
    }
}
