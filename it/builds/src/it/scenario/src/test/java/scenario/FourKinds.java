package scenario;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.Shm;
import java.io.IOException;

/** A test with a segment of each kind, which tells those outside what to look for. */
abstract class FourKinds {
    @Shm(kind = SegmentKind.MMAP_FILE)
    Segment file;

    @Shm(kind = SegmentKind.MEMFD)
    Segment memfd;

    @Shm(kind = SegmentKind.POSIX_SHM)
    Segment posix;

    @Shm(kind = SegmentKind.SYSV_SHM)
    Segment sysv;

    void leaveEvidence() throws IOException {
        Evidence.leave(file, memfd, posix, sysv);
    }
}
