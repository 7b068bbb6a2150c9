package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.util.Collection;
import java.util.Locale;

/** Sizes for people. */
final class Size {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final double STEP = 1024;

    private Size() {}

    static String of(IpcObject object) {
        return object.kind() == IpcKind.SYSV_SEM
                ? object.size() + (object.size() == 1 ? " semaphore" : " semaphores")
                : bytes(object.size());
    }

    /** Of all that have a size in bytes. */
    static String sum(Collection<IpcObject> objects) {
        return bytes(objects.stream()
                .filter(object -> object.kind() != IpcKind.SYSV_SEM)
                .mapToLong(IpcObject::size)
                .sum());
    }

    static String bytes(long bytes) {
        if (bytes < STEP) {
            return bytes + " B";
        }
        double size = bytes / STEP;
        int unit = 0;
        // What would be printed as 1024.0 is 1.0 of the next unit.
        while (size >= STEP - 0.05 && unit < UNITS.length - 1) {
            size /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
    }
}
