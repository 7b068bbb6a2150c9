package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.junit.internal.DutyCycle;
import io.github.shmkit.junit.internal.Exhaustion;
import io.github.shmkit.junit.internal.TestSession;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.time.Duration;
import java.util.function.Supplier;

/** The faults of a context's session, which undoes them before it ends. */
record SessionFaults(Supplier<TestSession> session) implements Faults {
    private static final int SLOWEST = 1000;

    @Override
    public void truncate(Segment segment, long size) {
        if (!(segment.address() instanceof SegmentAddress.ByPath object)) {
            throw new IllegalArgumentException("segment '" + segment.label()
                    + "' is a System V segment, which cannot be truncated; use another kind");
        }
        if (size < 0) {
            throw new IllegalArgumentException(
                    "cannot truncate segment '" + segment.label() + "' to " + size + " bytes");
        }
        session.get().changes(segment);
        try (RandomAccessFile file = new RandomAccessFile(object.path(), "rw")) {
            file.setLength(size);
        } catch (IOException e) {
            throw new ShmException("cannot truncate segment '" + segment.label() + "': " + e.getMessage(), e);
        }
    }

    @Override
    public void flipBit(Segment segment, long offset, int bit) {
        if (bit < 0 || bit > 7) {
            throw new IllegalArgumentException("a byte has the bits 0 to 7, not " + bit);
        }
        segment.putByte(offset, (byte) (segment.getByte(offset) ^ 1 << bit));
    }

    @Override
    public void unlink(Segment segment) {
        if (segment.kind() == SegmentKind.MEMFD) {
            throw new IllegalArgumentException("segment '" + segment.label() + "' is a memfd, which has no name");
        }
        session.get().changes(segment);
        if (!Session.unlink(segment.address())) {
            throw new ShmException("segment '" + segment.label() + "' has no name any more");
        }
    }

    @Override
    public Fault freeze(Helper helper, Duration time) {
        return start(DutyCycle.once(helper, time));
    }

    @Override
    public Fault slow(Helper helper, int factor) {
        if (factor < 2 || factor > SLOWEST) {
            throw new IllegalArgumentException("a helper can be made 2 to " + SLOWEST + " times slower, not " + factor);
        }
        return start(DutyCycle.of(helper, factor));
    }

    @Override
    public Fault exhaust(NativeHelper helper, Resource resource) {
        Exhaustion exhaustion = switch (resource) {
            case SEGMENT_IDS -> Exhaustion.ofSegmentIds(helper);
            case SEMAPHORE_IDS -> Exhaustion.ofSemaphoreIds(helper);
            case QUEUE_IDS -> Exhaustion.ofQueueIds(helper);
            case SHM_SPACE -> Exhaustion.ofSpace(helper);
            case DESCRIPTORS -> Exhaustion.ofDescriptors(helper);
        };
        session.get().beforeEnd(exhaustion::end);
        return exhaustion::end;
    }

    private Fault start(DutyCycle cycle) {
        session.get().beforeEnd(cycle::end);
        cycle.start();
        return cycle::end;
    }
}
