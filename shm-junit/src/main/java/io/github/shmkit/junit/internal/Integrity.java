package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether a segment's object is still the one that was created: one look at its name answers it. */
final class Integrity {
    private Integrity() {}

    /** Looks now, and again when asked; that one then answers what happened to the object, empty for nothing. */
    static Supplier<Optional<String>> of(Segment segment) {
        if (segment.kind() == SegmentKind.MEMFD) {
            return Optional::empty; // there is no name that another could take
        }
        if (segment.address() instanceof SegmentAddress.BySysv sysv) {
            return () -> isOpen(segment) ? ofSysv(sysv) : Optional.empty();
        }
        Path path = Path.of(((SegmentAddress.ByPath) segment.address()).path());
        Optional<Status> before = status(path);
        return () -> isOpen(segment) ? before.flatMap(known -> ofFile(path, known)) : Optional.empty();
    }

    private static boolean isOpen(Segment segment) {
        try {
            segment.getBytes(0, 0);
            return true;
        } catch (IllegalStateException e) {
            return false; // the test closed it, which removes it
        }
    }

    private static Optional<String> ofSysv(SegmentAddress.BySysv sysv) {
        return Inventory.sysvShm(sysv.shmid())
                        .filter(object -> !object.isMarkedForDestruction())
                        .map(IpcObject::size)
                        .isPresent()
                ? Optional.empty()
                : Optional.of("was removed (shmctl IPC_RMID)");
    }

    private static Optional<String> ofFile(Path path, Status before) {
        Optional<Status> now = status(path);
        if (now.isEmpty()) {
            return Optional.of("was unlinked");
        }
        if (!now.get().isSameFileAs(before)) {
            return Optional.of("was replaced by another object of this name");
        }
        long size = now.get().size();
        return size == before.size()
                ? Optional.empty()
                : Optional.of("was " + (size < before.size() ? "truncated" : "extended") + " from " + before.size()
                        + " to " + size + " bytes");
    }

    private static Optional<Status> status(Path path) {
        try {
            return Status.of(path);
        } catch (IOException e) {
            throw new ShmException("cannot look at " + path + ": " + e.getMessage(), e);
        }
    }
}
