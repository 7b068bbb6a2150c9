package io.github.shmkit.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;

/** Nothing but ordinary tests, one after the other, without end. */
class BusyTest {
    private static final int HELPERS = 4;
    private static boolean told;

    @Shm(label = "class-wide")
    static Segment shared;

    @RepeatedTest(1_000_000)
    void sharesEveryKind(
            @Shm(kind = SegmentKind.POSIX_SHM) Segment posix,
            @Shm(kind = SegmentKind.SYSV_SHM) Segment sysv,
            @Shm(kind = SegmentKind.MMAP_FILE) Segment file,
            @Shm(kind = SegmentKind.MEMFD) Segment memfd,
            ShmTestkit kit) {
        List<NativeHelper> helpers = new ArrayList<>();
        for (int i = 0; i < HELPERS; i++) {
            helpers.add(kit.nativeHelper("helper " + i).attach(posix).start());
        }
        if (!told) {
            told = true;
            tell();
        }
        helpers.forEach(helper -> helper.getAndAddLong(0, 1));
        assertEquals(HELPERS, posix.getLong(0));
        sysv.putLong(0, file.getLong(0) + memfd.getLong(0) + shared.getLong(0));
    }

    @SuppressWarnings("SystemOut")
    private static void tell() {
        System.out.println("at work");
    }
}
