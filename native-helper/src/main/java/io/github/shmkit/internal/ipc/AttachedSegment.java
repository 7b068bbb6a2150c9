package io.github.shmkit.internal.ipc;

import io.github.shmkit.Attach;
import io.github.shmkit.Segment;
import io.github.shmkit.internal.os.Os;

/** Maps what another process made; closing it takes only the mapping away. */
public final class AttachedSegment {
    private AttachedSegment() {}

    /** Maps all of it, for reading and writing. */
    public static Segment open(String label, Attach attach) {
        long page = Os.pageSize();
        long pages = (attach.size() + page - 1) / page * page;
        Mapping mapping;
        if (attach instanceof Attach.BySysv sysv) {
            mapping = Mapping.of(attach.size(), address -> Os.shmAttach(sysv.shmid(), address, pages));
        } else {
            int fd = Os.open(((Attach.ByPath) attach).path(), Os.O_RDWR, 0);
            try {
                mapping = Mapping.of(attach.size(), address -> Os.mapShared(address, pages, fd));
            } finally {
                Os.close(fd);
            }
        }
        return new MappedSegment(attach.segmentKind(), label, attach.size(), attach, mapping, mapping::close);
    }
}
