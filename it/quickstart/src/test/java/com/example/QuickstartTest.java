package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.Segment;
import io.github.shmkit.junit.EachSegmentKind;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;

class QuickstartTest {
    // tag::ten-lines[]
    @EachSegmentKind // runs four times: mapped file, memfd, POSIX and System V shared memory
    void anotherProcessSeesOurWriteAndAnswers(@Shm(size = 64) Segment segment, ShmTestkit kit) {
        NativeHelper other = kit.nativeHelper("other").attach(segment).start();

        segment.putLongRelease(0, 41);
        assertEquals(41, other.getLongAcquire(0));

        other.getAndAddLong(0, 1);
        kit.await("the answer").untilLong(segment, 0, 42);
    }
    // end::ten-lines[]
}
