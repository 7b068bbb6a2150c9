package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A test that was given up goes on for a while, in memory that is no longer its. */
class LeftoverThreadTests {
    static class GivenUpCase {
        static final Map<SegmentKind, CountDownLatch> SAW_ZERO = new ConcurrentHashMap<>();

        @EachSegmentKind
        // Long enough for the thread to have begun: JUnit has none to interrupt else, and says so by another exception.
        @Timeout(value = 1, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
        void test(SegmentKind kind, @Shm Segment segment) {
            CountDownLatch sawZero = new CountDownLatch(1);
            SAW_ZERO.put(kind, sawZero);
            ByteBuffer buffer = segment.buffer();
            buffer.putLong(0, 42);
            while (buffer.getLong(0) == 42) {
                Thread.onSpinWait();
            }
            buffer.putLong(8, 1);
            sawZero.countDown();
        }
    }

    @Test
    void whoStillReadsAfterTheEndReadsZerosAndHarmsNobody() throws InterruptedException {
        NestedRun run = NestedRun.inParallel(GivenUpCase.class);

        assertThat(run.failures()).hasSize(4).hasOnlyElementsOfType(TimeoutException.class);
        assertThat(GivenUpCase.SAW_ZERO).hasSize(4);
        for (CountDownLatch sawZero : GivenUpCase.SAW_ZERO.values()) {
            assertThat(sawZero.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
