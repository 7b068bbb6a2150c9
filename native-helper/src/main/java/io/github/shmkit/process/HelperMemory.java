package io.github.shmkit.process;

import io.github.shmkit.Segment;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.ScriptFailedException;
import java.time.Duration;

/**
 * A segment as a helper sees it: every method is done by the helper, in its own mapping.
 *
 * <p>Offsets are in bytes and must be multiples of the width of the access. One that is misaligned or out of range is an
 * {@link IllegalArgumentException}, and nothing is sent. If the helper dies instead of answering, every method throws
 * {@link HelperDiedException} at once.
 *
 * @since 0.1.0
 */
public interface HelperMemory {
    /**
     * Loads a number, zero-extended.
     *
     * @param offset where
     * @param width 1, 2, 4 or 8 bytes
     * @param order OPAQUE, ACQUIRE or VOLATILE
     * @return the value
     */
    long get(long offset, int width, MemoryOrder order);

    /**
     * Stores the low bytes of a number.
     *
     * @param offset where
     * @param width 1, 2, 4 or 8 bytes
     * @param value what
     * @param order OPAQUE, RELEASE or VOLATILE
     */
    void put(long offset, int width, long value, MemoryOrder order);

    /**
     * Adds as one atomic step.
     *
     * @param offset where
     * @param width 1, 2, 4 or 8 bytes
     * @param delta what to add
     * @param order any
     * @return the value before, zero-extended
     */
    long getAndAdd(long offset, int width, long delta, MemoryOrder order);

    /**
     * Exchanges as one atomic step.
     *
     * @param offset where
     * @param width 1, 2, 4 or 8 bytes
     * @param value what to put there
     * @param order any
     * @return the value before, zero-extended
     */
    long getAndSet(long offset, int width, long value, MemoryOrder order);

    /**
     * Replaces a number if it is what was expected, as one atomic step.
     *
     * @param offset where
     * @param width 1, 2, 4 or 8 bytes
     * @param expected the value that must be there
     * @param value the value to put there
     * @param order any
     * @return the value that was there, zero-extended: the expected one if it was replaced
     */
    long compareAndExchange(long offset, int width, long expected, long value, MemoryOrder order);

    /**
     * Waits until a comparison holds.
     *
     * @param offset where
     * @param width 1, 2, 4 or 8 bytes
     * @param comparison between what is there and the given value
     * @param value the given value
     * @param max how long at most
     * @return what was there when it held, zero-extended
     * @throws ScriptFailedException if it did not hold within the time; names the value seen last
     */
    long await(long offset, int width, Comparison comparison, long value, Duration max);

    /**
     * Sets bytes to one value.
     *
     * @param offset where they begin
     * @param length how many
     * @param value the value of each
     */
    void fill(long offset, long length, byte value);

    /**
     * Copies bytes in.
     *
     * @param offset where they are to begin
     * @param bytes what
     */
    void putBytes(long offset, byte[] bytes);

    /**
     * Copies bytes out.
     *
     * @param offset where they begin
     * @param length how many
     * @return a new array
     */
    byte[] getBytes(long offset, int length);

    /**
     * The checksum that {@link java.util.zip.CRC32} gives, computed by the helper on its mapping.
     *
     * @param offset where the bytes begin
     * @param length how many
     * @return the checksum
     */
    long crc32(long offset, long length);

    /**
     * Loads 1 byte with relaxed order.
     *
     * @param offset any
     * @return the value
     */
    default byte getByte(long offset) {
        return (byte) get(offset, 1, MemoryOrder.OPAQUE);
    }

    /**
     * Stores 1 byte with relaxed order.
     *
     * @param offset any
     * @param value what
     */
    default void putByte(long offset, byte value) {
        put(offset, 1, value, MemoryOrder.OPAQUE);
    }

    /**
     * Loads 2 bytes with relaxed order.
     *
     * @param offset a multiple of 2
     * @return the value
     */
    default short getShort(long offset) {
        return (short) get(offset, 2, MemoryOrder.OPAQUE);
    }

    /**
     * Stores 2 bytes with relaxed order.
     *
     * @param offset a multiple of 2
     * @param value what
     */
    default void putShort(long offset, short value) {
        put(offset, 2, value, MemoryOrder.OPAQUE);
    }

    /**
     * Loads 4 bytes with relaxed order.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    default int getInt(long offset) {
        return (int) get(offset, 4, MemoryOrder.OPAQUE);
    }

    /**
     * Stores 4 bytes with relaxed order.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    default void putInt(long offset, int value) {
        put(offset, 4, value, MemoryOrder.OPAQUE);
    }

    /**
     * Loads 4 bytes with relaxed order, C's name for what {@link Segment#getIntOpaque} does.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    default int getIntOpaque(long offset) {
        return (int) get(offset, 4, MemoryOrder.OPAQUE);
    }

    /**
     * Stores 4 bytes with relaxed order, C's name for what {@link Segment#putIntOpaque} does.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    default void putIntOpaque(long offset, int value) {
        put(offset, 4, value, MemoryOrder.OPAQUE);
    }

    /**
     * Loads 4 bytes with acquire order.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    default int getIntAcquire(long offset) {
        return (int) get(offset, 4, MemoryOrder.ACQUIRE);
    }

    /**
     * Loads 4 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    default int getIntVolatile(long offset) {
        return (int) get(offset, 4, MemoryOrder.VOLATILE);
    }

    /**
     * Stores 4 bytes with release order.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    default void putIntRelease(long offset, int value) {
        put(offset, 4, value, MemoryOrder.RELEASE);
    }

    /**
     * Stores 4 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    default void putIntVolatile(long offset, int value) {
        put(offset, 4, value, MemoryOrder.VOLATILE);
    }

    /**
     * Adds to 4 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param delta what to add
     * @return the value before
     */
    default int getAndAddInt(long offset, int delta) {
        return (int) getAndAdd(offset, 4, delta, MemoryOrder.VOLATILE);
    }

    /**
     * Replaces 4 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param value the value to put there
     * @return the value before
     */
    default int getAndSetInt(long offset, int value) {
        return (int) getAndSet(offset, 4, value, MemoryOrder.VOLATILE);
    }

    /**
     * Replaces 4 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param expected the value that must be there
     * @param value the value to put there
     * @return the value before: the expected one if it was replaced
     */
    default int compareAndExchangeInt(long offset, int expected, int value) {
        return (int) compareAndExchange(offset, 4, expected, value, MemoryOrder.VOLATILE);
    }

    /**
     * Replaces 4 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param expected the value that must be there
     * @param value the value to put there
     * @return whether it was there
     */
    default boolean compareAndSetInt(long offset, int expected, int value) {
        return (int) compareAndExchange(offset, 4, expected, value, MemoryOrder.VOLATILE) == expected;
    }

    /**
     * Waits until 4 bytes hold a value, with acquire order.
     *
     * @param offset a multiple of 4
     * @param value the value
     * @param max how long at most
     * @throws ScriptFailedException if they did not within the time; names the value seen last
     */
    default void awaitInt(long offset, int value, Duration max) {
        awaitInt(offset, Comparison.EQUAL, value, max);
    }

    /**
     * Waits until a comparison with 4 bytes holds, with acquire order.
     *
     * @param offset a multiple of 4
     * @param comparison between what is there and the given value
     * @param value the given value
     * @param max how long at most
     * @return what was there when it held
     * @throws ScriptFailedException if it did not within the time; names the value seen last
     */
    default int awaitInt(long offset, Comparison comparison, int value, Duration max) {
        return (int) await(offset, 4, comparison, value, max);
    }

    /**
     * Loads 8 bytes with relaxed order.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    default long getLong(long offset) {
        return get(offset, 8, MemoryOrder.OPAQUE);
    }

    /**
     * Stores 8 bytes with relaxed order.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    default void putLong(long offset, long value) {
        put(offset, 8, value, MemoryOrder.OPAQUE);
    }

    /**
     * Loads 8 bytes with relaxed order, C's name for what {@link Segment#getLongOpaque} does.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    default long getLongOpaque(long offset) {
        return get(offset, 8, MemoryOrder.OPAQUE);
    }

    /**
     * Stores 8 bytes with relaxed order, C's name for what {@link Segment#putLongOpaque} does.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    default void putLongOpaque(long offset, long value) {
        put(offset, 8, value, MemoryOrder.OPAQUE);
    }

    /**
     * Loads 8 bytes with acquire order.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    default long getLongAcquire(long offset) {
        return get(offset, 8, MemoryOrder.ACQUIRE);
    }

    /**
     * Loads 8 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    default long getLongVolatile(long offset) {
        return get(offset, 8, MemoryOrder.VOLATILE);
    }

    /**
     * Stores 8 bytes with release order.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    default void putLongRelease(long offset, long value) {
        put(offset, 8, value, MemoryOrder.RELEASE);
    }

    /**
     * Stores 8 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    default void putLongVolatile(long offset, long value) {
        put(offset, 8, value, MemoryOrder.VOLATILE);
    }

    /**
     * Adds to 8 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param delta what to add
     * @return the value before
     */
    default long getAndAddLong(long offset, long delta) {
        return getAndAdd(offset, 8, delta, MemoryOrder.VOLATILE);
    }

    /**
     * Replaces 8 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param value the value to put there
     * @return the value before
     */
    default long getAndSetLong(long offset, long value) {
        return getAndSet(offset, 8, value, MemoryOrder.VOLATILE);
    }

    /**
     * Replaces 8 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param expected the value that must be there
     * @param value the value to put there
     * @return the value before: the expected one if it was replaced
     */
    default long compareAndExchangeLong(long offset, long expected, long value) {
        return compareAndExchange(offset, 8, expected, value, MemoryOrder.VOLATILE);
    }

    /**
     * Replaces 8 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param expected the value that must be there
     * @param value the value to put there
     * @return whether it was there
     */
    default boolean compareAndSetLong(long offset, long expected, long value) {
        return compareAndExchange(offset, 8, expected, value, MemoryOrder.VOLATILE) == expected;
    }

    /**
     * Waits until 8 bytes hold a value, with acquire order.
     *
     * @param offset a multiple of 8
     * @param value the value
     * @param max how long at most
     * @throws ScriptFailedException if they did not within the time; names the value seen last
     */
    default void awaitLong(long offset, long value, Duration max) {
        awaitLong(offset, Comparison.EQUAL, value, max);
    }

    /**
     * Waits until a comparison with 8 bytes holds, with acquire order.
     *
     * @param offset a multiple of 8
     * @param comparison between what is there and the given value
     * @param value the given value
     * @param max how long at most
     * @return what was there when it held
     * @throws ScriptFailedException if it did not within the time; names the value seen last
     */
    default long awaitLong(long offset, Comparison comparison, long value, Duration max) {
        return await(offset, 8, comparison, value, max);
    }

    /**
     * Reads 4 bytes as a float.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    default float getFloat(long offset) {
        return Float.intBitsToFloat(getInt(offset));
    }

    /**
     * Writes 4 bytes as a float, bit by bit as it is.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    default void putFloat(long offset, float value) {
        putInt(offset, Float.floatToRawIntBits(value));
    }

    /**
     * Reads 8 bytes as a double.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    default double getDouble(long offset) {
        return Double.longBitsToDouble(getLong(offset));
    }

    /**
     * Writes 8 bytes as a double, bit by bit as it is.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    default void putDouble(long offset, double value) {
        putLong(offset, Double.doubleToRawLongBits(value));
    }
}
