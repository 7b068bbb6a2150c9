package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** A segment as a {@code java.lang.foreign.MemorySegment}. */
public final class MemoryView {
    private static final long BUFFER_MAX = 1L << 30;

    private MemoryView() {}

    /** All of a segment; holding it keeps the memory mapped, and behind the segment's end it reads zeros. */
    public static Object of(Segment segment) {
        return segment.size() <= BUFFER_MAX ? MemorySegment.ofBuffer(segment.buffer()) : large(segment);
    }

    /** More than a buffer holds takes a restricted method. */
    @SuppressWarnings("restricted")
    private static MemorySegment large(Segment segment) {
        return MemorySegment.ofAddress(segment.nativeAddress())
                .reinterpret(segment.size(), Arena.ofAuto(), new Keeping(segment));
    }

    /** By being there it keeps what is mapped from being collected, until the view of it is. */
    private record Keeping(Segment segment) implements Consumer<MemorySegment> {
        @Override
        public void accept(MemorySegment view) {}
    }
}
