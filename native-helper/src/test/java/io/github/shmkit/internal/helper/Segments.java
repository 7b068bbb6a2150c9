package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import java.lang.reflect.Proxy;

/** Segments that can only be told of: nothing is mapped, and whoever touches their bytes fails. */
final class Segments {
    private Segments() {}

    static Segment posix(String label, String name, long size) {
        return of(label, new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, "/dev/shm/" + name, size));
    }

    static Segment file(String label, String path, long size) {
        return of(label, new SegmentAddress.ByPath(SegmentKind.MMAP_FILE, path, size));
    }

    static Segment sysv(String label, int id, int key, long size) {
        return of(label, new SegmentAddress.BySysv(id, key, size));
    }

    private static Segment of(String label, SegmentAddress address) {
        return (Segment) Proxy.newProxyInstance(
                Segment.class.getClassLoader(),
                new Class<?>[] {Segment.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "label" -> label;
                    case "address" -> address;
                    case "kind" -> address.segmentKind();
                    case "size" -> address.size();
                    default -> throw new UnsupportedOperationException(method + " of a segment that is not mapped");
                });
    }
}
