package io.github.shmkit.junit.internal;

import io.github.shmkit.Attach;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether a segment's object is still the one that was created: one look at its name answers it. */
final class Integrity {
    private static final String STATUS = "unix:dev,ino,size";

    private Integrity() {}

    /** Looks now, and again when asked; that one then answers what happened to the object, empty for nothing. */
    static Supplier<Optional<String>> of(Segment segment) {
        if (segment.kind() == SegmentKind.MEMFD) {
            return Optional::empty; // there is no name that another could take
        }
        if (segment.attach() instanceof Attach.BySysv sysv) {
            return () -> isOpen(segment) ? ofSysv(sysv) : Optional.empty();
        }
        Path path = Path.of(((Attach.ByPath) segment.attach()).path());
        Map<String, Object> before = status(path);
        return () -> isOpen(segment) ? ofFile(path, before) : Optional.empty();
    }

    private static boolean isOpen(Segment segment) {
        try {
            segment.getBytes(0, 0);
            return true;
        } catch (IllegalStateException e) {
            return false; // the test closed it, which removes it
        }
    }

    private static Optional<String> ofSysv(Attach.BySysv sysv) {
        return Inventory.sysvShm(sysv.shmid())
                        .filter(object -> !object.isMarkedForDestruction())
                        .map(IpcObject::size)
                        .isPresent()
                ? Optional.empty()
                : Optional.of("was removed (shmctl IPC_RMID)");
    }

    private static Optional<String> ofFile(Path path, Map<String, Object> before) {
        Map<String, Object> now = status(path);
        if (before.isEmpty() || now.equals(before)) {
            return Optional.empty();
        }
        if (now.isEmpty()) {
            return Optional.of("was unlinked");
        }
        boolean same =
                now.get("ino").equals(before.get("ino")) && now.get("dev").equals(before.get("dev"));
        return Optional.of(
                same
                        ? "was truncated from " + before.get("size") + " to " + now.get("size") + " bytes"
                        : "was replaced by another object of this name");
    }

    /** Empty if there is none. */
    private static Map<String, Object> status(Path path) {
        try {
            return Files.readAttributes(path, STATUS, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (IOException e) {
            throw new io.github.shmkit.ShmException("cannot look at " + path + ": " + e.getMessage(), e);
        }
    }
}
