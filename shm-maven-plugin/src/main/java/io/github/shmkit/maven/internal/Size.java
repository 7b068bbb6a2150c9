package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.LongStream;

/** Sizes for people. */
final class Size {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final double STEP = 1024;

    private Size() {}

    static String of(IpcObject object) {
        return switch (object.kind()) {
            case SYSV_SEM -> semaphores(object.size());
            case DIRECTORY -> entries(object.size());
            default -> of(held(object), object.size());
        };
    }

    /** The memory that it has; beside it the size of a file with holes, which may be any number. */
    static String of(long held, long size) {
        return bytes(held) + (held < size ? " of " + bytes(size) : "");
    }

    static String entries(long count) {
        return count + (count == 1 ? " entry" : " entries");
    }

    static String semaphores(long count) {
        return count + (count == 1 ? " semaphore" : " semaphores");
    }

    /** Its memory, without what it could have; that its last page is not full does not count. */
    static long held(IpcObject object) {
        return Math.min(object.size(), object.allocated());
    }

    /** Of all that have a size in bytes. */
    static String sum(Collection<IpcObject> objects) {
        return bytes(sum(objects.stream()
                .filter(object -> object.kind() != IpcKind.SYSV_SEM && object.kind() != IpcKind.DIRECTORY)
                .mapToLong(Size::held)));
    }

    /** The largest number rather than one that has overflown: anybody can make a file of 8 EiB. */
    static long sum(LongStream sizes) {
        return sizes.reduce(0, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
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
