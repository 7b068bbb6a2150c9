package io.github.shmkit.internal.ipc;

import io.github.shmkit.SegmentAddress;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ShmStatus;

/** Maps what another process made; closing it takes only the mapping away. */
public final class AttachedSegment {
    private AttachedSegment() {}

    /**
     * Maps what somebody made whom we do not know, who may tell us what is not so.
     *
     * @throws ShmException if there is no such object, or it has not that size or key
     */
    public static MappedSegment adopt(String label, SegmentAddress existing) {
        try {
            requireSame(existing);
            return open(label, existing);
        } catch (OsException e) {
            throw new ShmException("cannot adopt " + existing.uri() + ": " + e.getMessage(), e);
        }
    }

    private static void requireSame(SegmentAddress existing) {
        if (existing.size() < 1) {
            throw new ShmException("cannot adopt " + existing.uri() + ": a segment has at least 1 byte");
        }
        if (existing instanceof SegmentAddress.ByPath file) {
            int fd = Os.open(file.path(), Os.O_RDWR, 0);
            try {
                long size = Os.fstat(fd).size();
                if (size < existing.size()) { // to touch what lies behind the end is SIGBUS
                    throw new ShmException("cannot adopt " + existing.uri() + ": it has " + size + " bytes");
                }
            } finally {
                Os.close(fd);
            }
            return;
        }
        SegmentAddress.BySysv sysv = (SegmentAddress.BySysv) existing;
        ShmStatus status = Os.shmStat(sysv.shmid())
                .orElseThrow(() -> new ShmException("cannot adopt " + existing.uri() + ": there is no such segment"));
        if (status.size() != sysv.size() || status.key() != sysv.key()) {
            throw new ShmException("cannot adopt " + existing.uri() + ": segment " + sysv.shmid() + " has "
                    + status.size() + " bytes and the key 0x" + Integer.toHexString(status.key()));
        }
    }

    /** Maps all of it, for reading and writing. */
    public static MappedSegment open(String label, SegmentAddress existing) {
        long page = Os.pageSize();
        long pages = (existing.size() + page - 1) / page * page;
        Mapping mapping;
        if (existing instanceof SegmentAddress.BySysv sysv) {
            long size = Os.shmStat(sysv.shmid())
                    .map(ShmStatus::size)
                    .orElseThrow(() -> new ShmException("there is no System V segment " + sysv.shmid() + " any more"));
            if (size > pages) { // shmat(2) maps all of it, over whatever comes behind our reserved addresses
                throw new ShmException(
                        "System V segment " + sysv.shmid() + " has " + size + " bytes, not " + existing.size());
            }
            mapping = Mapping.of(existing.size(), address -> Os.shmAttach(sysv.shmid(), address, pages));
        } else {
            int fd = Os.open(((SegmentAddress.ByPath) existing).path(), Os.O_RDWR, 0);
            try {
                mapping = Mapping.of(existing.size(), address -> Os.mapShared(address, pages, fd));
            } finally {
                Os.close(fd);
            }
        }
        return new MappedSegment(existing.segmentKind(), label, existing.size(), existing, mapping, prove -> {
            mapping.close();
            return false; // its maker may have it
        });
    }
}
