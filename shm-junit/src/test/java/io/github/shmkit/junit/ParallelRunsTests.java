package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.junit.NestedRun.Seen;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ParallelRunsTests {
    private static final int REPETITIONS = 50;

    static class ManyCase {
        static final Seen CLASS_SCOPED = new Seen();
        static final Seen TEST_SCOPED = new Seen();
        /** Proves that two are in the middle of it at once. */
        static final CountDownLatch TWO = new CountDownLatch(2);

        @Shm
        static Segment shared;

        @Shm(scope = Shm.Scope.CLASS)
        Segment sharedField;

        @Shm
        Segment own;

        @BeforeEach
        void nobodyElseHasIt() {
            assertThat(own.getLong(0)).isZero();
        }

        @RepeatedTest(REPETITIONS)
        void test(@Shm(size = 8) Segment parameter, ShmTestkit kit) throws Exception {
            long mark = ThreadLocalRandom.current().nextLong();
            Segment made = kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            for (Segment segment : new Segment[] {own, parameter, made}) {
                assertThat(segment.getLong(0)).isZero();
                segment.putLong(0, mark);
                TEST_SCOPED.add(segment);
            }
            shared.getAndAddLong(0, 1);
            sharedField.getAndAddLong(0, 1);
            CLASS_SCOPED.add(shared);
            CLASS_SCOPED.add(sharedField);
            TWO.countDown();
            assertThat(TWO.await(10, TimeUnit.SECONDS)).isTrue();
            for (Segment segment : new Segment[] {own, parameter, made}) {
                assertThat(segment.getLong(0)).isEqualTo(mark);
            }
        }
    }

    @Test
    void testsThatRunAtOnceDoNotSeeEachOther() {
        NestedRun.inParallel(ManyCase.class).allPassed(REPETITIONS);

        ManyCase.TEST_SCOPED.assertGone(3 * REPETITIONS);
        ManyCase.CLASS_SCOPED.assertGone(2);
    }
}
