package io.github.shmkit.junit.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import io.github.shmkit.junit.Shm;
import org.junit.jupiter.api.Test;

/** The class for Java before 22, which is what a folder of classes has on any Java. */
class MemoryViewTests {
    @Test
    void whereThereIsNoMemorySegmentTheErrorSaysWhy(@Shm(label = "ring") Segment segment) {
        int feature = Runtime.version().feature();

        assertThatThrownBy(() -> MemoryView.of(segment))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("'ring' cannot be a java.lang.foreign.MemorySegment: ")
                .hasMessageContaining(
                        feature < 22
                                ? "that needs Java 22 or later, and this is Java " + feature + ";"
                                : "was made on a Java before 22 and leaves that out")
                .hasMessageEndingWith("; declare it as io.github.shmkit.Segment or java.nio.ByteBuffer");
    }
}
