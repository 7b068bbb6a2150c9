package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.internal.stack.UserStack;
import io.github.shmkit.junit.internal.HexDifference;
import org.opentest4j.AssertionFailedError;

/**
 * Assertions about the content of a segment; a failure shows the rows that differ, as hexdump(1) does.
 *
 * <pre>{@code
 * SegmentAssert.assertThat(ring).hasLong(0, 42).hasBytes(64, message).isZero(128, 64);
 * }</pre>
 *
 * @since 0.1.0
 */
public final class SegmentAssert {
    static {
        UserStack.addLocationOf(SegmentAssert.class); // it needs no extension
    }

    private final Segment segment;

    private SegmentAssert(Segment segment) {
        this.segment = segment;
    }

    /**
     * Begins.
     *
     * @param segment any that is not closed
     * @return assertions about it
     */
    public static SegmentAssert assertThat(Segment segment) {
        return new SegmentAssert(segment);
    }

    /**
     * Asserts that 4 bytes hold a number, read with volatile order.
     *
     * @param offset a multiple of 4
     * @param expected the number
     * @return this
     * @throws AssertionFailedError if they hold another one
     */
    public SegmentAssert hasInt(long offset, int expected) {
        int actual = segment.getIntVolatile(offset);
        if (actual != expected) {
            throw number(
                    "int",
                    offset,
                    Integer.BYTES,
                    expected,
                    actual,
                    Integer.toHexString(expected),
                    Integer.toHexString(actual));
        }
        return this;
    }

    /**
     * Asserts that 8 bytes hold a number, read with volatile order.
     *
     * @param offset a multiple of 8
     * @param expected the number
     * @return this
     * @throws AssertionFailedError if they hold another one
     */
    public SegmentAssert hasLong(long offset, long expected) {
        long actual = segment.getLongVolatile(offset);
        if (actual != expected) {
            throw number(
                    "long", offset, Long.BYTES, expected, actual, Long.toHexString(expected), Long.toHexString(actual));
        }
        return this;
    }

    /**
     * Asserts that bytes are as expected.
     *
     * @param offset where they begin
     * @param expected the bytes
     * @return this
     * @throws AssertionFailedError if one is not, with the rows that differ
     */
    public SegmentAssert hasBytes(long offset, byte... expected) {
        byte[] actual = segment.getBytes(offset, expected.length);
        HexDifference.between(expected, actual, offset).ifPresent(rows -> {
            throw UserStack.trim(new AssertionFailedError(
                    "segment '" + segment.label() + "' differs from what is expected:\n" + rows, expected, actual));
        });
        return this;
    }

    /**
     * Asserts that bytes are zero.
     *
     * @param offset where they begin
     * @param length how many
     * @return this
     * @throws AssertionFailedError if one is not, with the rows that differ
     */
    public SegmentAssert isZero(long offset, int length) {
        return hasBytes(offset, new byte[length]);
    }

    /**
     * Asserts that another segment has the same size and content.
     *
     * @param other any of at most 2 GiB
     * @return this
     * @throws AssertionFailedError if it has not, with the rows that differ
     */
    public SegmentAssert hasSameContentAs(Segment other) {
        if (segment.size() != other.size()) {
            throw UserStack.trim(new AssertionFailedError(
                    "segment '" + segment.label() + "' has " + segment.size() + " bytes, segment '" + other.label()
                            + "' has " + other.size(),
                    other.size(),
                    segment.size()));
        }
        return hasBytes(0, other.getBytes(0, Math.toIntExact(other.size())));
    }

    private AssertionFailedError number(
            String type, long offset, int width, Object expected, Object actual, String expectedHex, String actualHex) {
        return UserStack.trim(new AssertionFailedError(
                "the " + type + " at offset " + offset + " of '" + segment.label() + "' is " + actual + " (0x"
                        + actualHex
                        + "), not " + expected + " (0x" + expectedHex + "):\n"
                        + segment.hexdump(offset, width).stripTrailing(),
                expected,
                actual));
    }
}
