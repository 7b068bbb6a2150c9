package io.github.shmkit;

import java.util.Objects;

/**
 * What segment is wanted.
 *
 * @param kind the way of sharing
 * @param size bytes, at least 1, never rounded
 * @param label the segment's name in reports and placeholders, not empty
 * @param fill what it holds at first
 * @since 0.1.0
 */
public record SegmentSpec(SegmentKind kind, long size, String label, Fill fill) {
    /** What {@link #of(SegmentKind)} asks for: 4096 bytes. */
    public static final long DEFAULT_SIZE = 4096;

    /**
     * Checks the parts.
     *
     * @param kind the way of sharing
     * @param size bytes, at least 1
     * @param label not empty
     * @param fill what it holds at first
     * @throws IllegalArgumentException if the size is not positive or the label is empty
     */
    public SegmentSpec {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(fill, "fill");
        if (size < 1) {
            throw new IllegalArgumentException("segment '" + label + "': size " + size
                    + " is not possible; a segment has at least 1 byte (mmap(2) and shmget(2) refuse 0)");
        }
        if (label.isEmpty()) {
            throw new IllegalArgumentException("a segment's label must not be empty");
        }
    }

    /**
     * A segment of 4096 zero bytes.
     *
     * @param kind the way of sharing
     * @return the specification
     */
    public static SegmentSpec of(SegmentKind kind) {
        return new SegmentSpec(kind, DEFAULT_SIZE, "segment", Fill.ZERO);
    }

    /**
     * The same with another size.
     *
     * @param bytes at least 1
     * @return the specification
     */
    public SegmentSpec size(long bytes) {
        return new SegmentSpec(kind, bytes, label, fill);
    }

    /**
     * The same with another label.
     *
     * @param name not empty
     * @return the specification
     */
    public SegmentSpec label(String name) {
        return new SegmentSpec(kind, size, name, fill);
    }

    /**
     * The same with other contents.
     *
     * @param contents what it holds at first
     * @return the specification
     */
    public SegmentSpec fill(Fill contents) {
        return new SegmentSpec(kind, size, label, contents);
    }
}
