package com.example;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an out-of-memory killer or an impatient CI server does; no test and no JVM gets to clean up after this. */
@Tag("killed")
class KilledTest {
    @Test
    void diesInTheMiddle(
            @Shm(kind = SegmentKind.POSIX_SHM, size = 1 << 20) Segment posix,
            @Shm(kind = SegmentKind.SYSV_SHM, size = 1 << 20) Segment sysv,
            @Shm(kind = SegmentKind.MMAP_FILE, size = 1 << 20) Segment file,
            ShmTestkit kit)
            throws IOException, InterruptedException {
        kit.nativeHelper("other").attach(posix).start();
        String me = Long.toString(ProcessHandle.current().pid());
        new ProcessBuilder("kill", "-9", me).start().waitFor();
    }
}
