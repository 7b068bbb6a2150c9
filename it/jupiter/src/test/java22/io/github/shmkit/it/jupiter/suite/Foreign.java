package io.github.shmkit.it.jupiter.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** For Java 22 and later. */
@SuppressWarnings("NullAway.Init")
public class Foreign {
    private static final long LARGE = (1L << 30) + 4096;

    @Shm(scope = Shm.Scope.RUN, label = "shared")
    private MemorySegment field;

    @Test
    void parameterAndField(
            @Shm(size = 100) MemorySegment memory, @Shm(scope = Shm.Scope.RUN, label = "shared") Segment same) {
        assertThat(memory.byteSize()).isEqualTo(100);
        memory.set(ValueLayout.JAVA_INT, 96, 7);
        assertThat(memory.get(ValueLayout.JAVA_INT, 96)).isEqualTo(7);
        field.set(ValueLayout.JAVA_LONG, 8, 42);
        assertThat(same.getLong(8)).isEqualTo(42);
    }

    @Test
    void sharedWithAPeer(@Shm(scope = Shm.Scope.RUN, label = "shared") Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
        peer.putInt(64, 5);
        assertThat(field.get(ValueLayout.JAVA_INT, 64)).isEqualTo(5);
    }

    @Test
    void aSegmentGivesItsMemory(@Shm(size = 100) Segment segment) {
        MemorySegment memory = segment.as(MemorySegment.class);
        memory.set(ValueLayout.JAVA_INT, 96, 7);
        assertThat(segment.getInt(96)).isEqualTo(7);
        assertThat(segment.slice(96, 4).as(MemorySegment.class).get(ValueLayout.JAVA_INT, 0))
                .isEqualTo(7);
    }

    /** Larger than any buffer of ours. */
    @Test
    void oneThatNoBufferHolds(@Shm(kind = SegmentKind.MEMFD, size = LARGE, label = "large") MemorySegment memory) {
        memory.set(ValueLayout.JAVA_LONG, LARGE - 8, 42);
        assertThat(memory.get(ValueLayout.JAVA_LONG, LARGE - 8)).isEqualTo(42);
    }
}
