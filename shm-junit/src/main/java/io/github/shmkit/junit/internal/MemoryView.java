package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;

/**
 * A segment as a {@code java.lang.foreign.MemorySegment}: this class where there is none.
 *
 * <p>The jar has another one of the same name for Java 22 and later, in {@code META-INF/versions/22}.
 */
public final class MemoryView {
    private static final int FIRST = 22;

    private MemoryView() {}

    /**
     * All of a segment.
     *
     * @throws UnsupportedOperationException always, with the reason
     */
    public static Object of(Segment segment) {
        int feature = Runtime.version().feature();
        throw new UnsupportedOperationException(
                "'" + segment.label() + "' cannot be a java.lang.foreign.MemorySegment: "
                        + (feature < FIRST
                                ? "that needs Java " + FIRST + " or later, and this is Java " + feature
                                : "this build of shm-junit was made on a Java before " + FIRST
                                        + " and leaves that out, or its " + "classes are not in a multi-release jar")
                        + "; declare it as " + Segment.class.getName() + " or java.nio.ByteBuffer");
    }
}
