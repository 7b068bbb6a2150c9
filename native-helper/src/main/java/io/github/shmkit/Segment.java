package io.github.shmkit;

import java.nio.ByteBuffer;

/**
 * A piece of shared memory, mapped into this JVM.
 *
 * <p>Offsets and lengths are in bytes; numbers are in the machine's byte order. Between the segment and its neighbours
 * in the address space lie pages that nobody may touch.
 *
 * <p>Plain reads and writes may be at any offset; those with an order need one that is a multiple of their width. Every
 * method that takes an offset throws {@link IndexOutOfBoundsException} when the access does not lie within the segment,
 * {@link IllegalArgumentException} when it is misaligned, and {@link IllegalStateException} once the segment is closed.
 *
 * <p>If a peer truncated the object under the mapping, an access past its new end ends in {@link InternalError} where a
 * native program would die of SIGBUS. Java makes that error of a signal, and it need not come at once: of a read it is
 * preceded by a value that means nothing. Java 17 was seen to throw it only at the thread's next look for pending
 * exceptions, when the statements behind the access had run and their method had returned; Java 25 does so within the
 * access, or where the compiler optimised it within the next call. On Java 17 it may thus come out of code that has nothing
 * to do with the segment, and leave that half done. Have a helper read what is to fail, or catch the error around all that
 * may read and do nothing else there that must be whole.
 *
 * @since 0.1.0
 */
public interface Segment extends AutoCloseable {
    /**
     * The way of sharing.
     *
     * @return the kind
     */
    SegmentKind kind();

    /**
     * The exact size that was asked for.
     *
     * @return bytes
     */
    long size();

    /**
     * The name of this segment in reports and placeholders.
     *
     * @return never empty
     */
    String label();

    /**
     * What another process needs in order to share it.
     *
     * @return the same for the whole life of the segment
     */
    SegmentAddress address();

    /**
     * Where this JVM mapped it.
     *
     * @return the address of offset 0
     */
    long nativeAddress();

    /**
     * A part of it, whose offsets begin at 0: of one slot of a ring, for example.
     *
     * <p>It is closed with this segment; its own {@link #close} does nothing. {@link #address} and {@code attach} need this
     * segment, not a slice.
     *
     * @param offset where the part begins
     * @param length its size in bytes
     * @return a view of the same memory
     */
    Segment slice(long offset, long length);

    /**
     * Whether {@link #close} was called, by the test or at the end of its scope.
     *
     * @return true if no access is possible any more
     */
    boolean isClosed();

    /**
     * All of it as another type: {@code java.nio.ByteBuffer} as {@link #buffer()} gives it, or on Java 22 and later {@code
     * java.lang.foreign.MemorySegment}.
     *
     * <pre>{@code
     * MemorySegment memory = segment.as(MemorySegment.class);
     * }</pre>
     *
     * <p>The view may be used by any thread and outlive the segment: after the close it reads zeros.
     *
     * @param <V> the type
     * @param view the type
     * @return a view of the same memory
     * @throws IllegalArgumentException if it is a type that no segment has a view of
     */
    <V> V as(Class<V> view);

    /**
     * All of it as a buffer in the machine's byte order.
     *
     * <p>The buffer may be used by any thread and outlive the segment: after the close it reads zeros. Do not hand it to
     * methods that pass its address to native code (CRC32, Adler32, Deflater): a fault there ends the JVM.
     *
     * @return a buffer with its own position and limit
     * @throws IllegalStateException if the segment is larger than a buffer can be (2 GiB); use {@link #buffer(long, int)}
     */
    ByteBuffer buffer();

    /**
     * A part of it as a buffer in the machine's byte order.
     *
     * @param offset where it begins
     * @param length its capacity, at most 1 GiB
     * @return a buffer with its own position and limit
     */
    ByteBuffer buffer(long offset, int length);

    /**
     * Reads a byte.
     *
     * @param offset where
     * @return the value
     */
    byte getByte(long offset);

    /**
     * Writes a byte.
     *
     * @param offset where
     * @param value what
     */
    void putByte(long offset, byte value);

    /**
     * Reads 2 bytes.
     *
     * @param offset where
     * @return the value
     */
    short getShort(long offset);

    /**
     * Writes 2 bytes.
     *
     * @param offset where
     * @param value what
     */
    void putShort(long offset, short value);

    /**
     * Reads 4 bytes.
     *
     * @param offset where
     * @return the value
     */
    int getInt(long offset);

    /**
     * Writes 4 bytes.
     *
     * @param offset where
     * @param value what
     */
    void putInt(long offset, int value);

    /**
     * Reads 8 bytes.
     *
     * @param offset where
     * @return the value
     */
    long getLong(long offset);

    /**
     * Writes 8 bytes.
     *
     * @param offset where
     * @param value what
     */
    void putLong(long offset, long value);

    /**
     * Reads 4 bytes as one step that is not ordered with others, as {@link java.lang.invoke.VarHandle#getOpaque}.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    int getIntOpaque(long offset);

    /**
     * Writes 4 bytes as one step that is not ordered with others, as {@link java.lang.invoke.VarHandle#setOpaque}.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    void putIntOpaque(long offset, int value);

    /**
     * Reads 4 bytes with acquire order: what the writer did before its release is seen after it.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    int getIntAcquire(long offset);

    /**
     * Writes 4 bytes with release order.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    void putIntRelease(long offset, int value);

    /**
     * Reads 4 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @return the value
     */
    int getIntVolatile(long offset);

    /**
     * Writes 4 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param value what
     */
    void putIntVolatile(long offset, int value);

    /**
     * Reads 8 bytes as one step that is not ordered with others, as {@link java.lang.invoke.VarHandle#getOpaque}.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    long getLongOpaque(long offset);

    /**
     * Writes 8 bytes as one step that is not ordered with others, as {@link java.lang.invoke.VarHandle#setOpaque}.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    void putLongOpaque(long offset, long value);

    /**
     * Reads 8 bytes with acquire order: what the writer did before its release is seen after it.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    long getLongAcquire(long offset);

    /**
     * Writes 8 bytes with release order.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    void putLongRelease(long offset, long value);

    /**
     * Reads 8 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @return the value
     */
    long getLongVolatile(long offset);

    /**
     * Writes 8 bytes with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param value what
     */
    void putLongVolatile(long offset, long value);

    /**
     * Replaces 4 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param expected the value that must be there
     * @param value the value to put there
     * @return whether it was there
     */
    boolean compareAndSetInt(long offset, int expected, int value);

    /**
     * Replaces 8 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param expected the value that must be there
     * @param value the value to put there
     * @return whether it was there
     */
    boolean compareAndSetLong(long offset, long expected, long value);

    /**
     * Replaces 4 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param expected the value that must be there
     * @param value the value to put there
     * @return the value before: the expected one if it was replaced
     */
    int compareAndExchangeInt(long offset, int expected, int value);

    /**
     * Replaces 8 bytes if they hold what was expected, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param expected the value that must be there
     * @param value the value to put there
     * @return the value before: the expected one if it was replaced
     */
    long compareAndExchangeLong(long offset, long expected, long value);

    /**
     * Replaces 4 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param value the value to put there
     * @return the value before
     */
    int getAndSetInt(long offset, int value);

    /**
     * Replaces 8 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param value the value to put there
     * @return the value before
     */
    long getAndSetLong(long offset, long value);

    /**
     * Adds to 4 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 4
     * @param delta what to add
     * @return the value before
     */
    int getAndAddInt(long offset, int delta);

    /**
     * Adds to 8 bytes as one atomic step, with sequentially consistent order.
     *
     * @param offset a multiple of 8
     * @param delta what to add
     * @return the value before
     */
    long getAndAddLong(long offset, long delta);

    /**
     * Reads 4 bytes as a float.
     *
     * @param offset any
     * @return the value
     */
    default float getFloat(long offset) {
        return Float.intBitsToFloat(getInt(offset));
    }

    /**
     * Writes 4 bytes as a float, bit by bit as it is.
     *
     * @param offset any
     * @param value what
     */
    default void putFloat(long offset, float value) {
        putInt(offset, Float.floatToRawIntBits(value));
    }

    /**
     * Reads 8 bytes as a double.
     *
     * @param offset any
     * @return the value
     */
    default double getDouble(long offset) {
        return Double.longBitsToDouble(getLong(offset));
    }

    /**
     * Writes 8 bytes as a double, bit by bit as it is.
     *
     * @param offset any
     * @param value what
     */
    default void putDouble(long offset, double value) {
        putLong(offset, Double.doubleToRawLongBits(value));
    }

    /**
     * Copies bytes out.
     *
     * @param offset where they begin
     * @param length how many
     * @return a new array
     */
    byte[] getBytes(long offset, int length);

    /**
     * Copies bytes in.
     *
     * @param offset where they are to begin
     * @param bytes what
     */
    void putBytes(long offset, byte[] bytes);

    /**
     * Sets bytes to one value.
     *
     * @param offset where they begin
     * @param length how many
     * @param value the value of each
     */
    void fill(long offset, long length, byte value);

    /**
     * Shows bytes as a hex dump, 16 to a line with their offset and their ASCII form.
     *
     * @param offset where to begin
     * @param length how many, at most 64 KiB
     * @return lines that end with a line feed
     */
    String hexdump(long offset, int length);

    /**
     * A mutex in this segment; {@link SharedMutex#init} makes a new one, unless a peer has.
     *
     * @param offset a multiple of 8; the mutex takes 48 bytes from there
     * @return a view that keeps no state of its own
     */
    SharedMutex mutexAt(long offset);

    /**
     * A condition variable in this segment; {@link SharedCondition#init} makes a new one, unless a peer has.
     *
     * @param offset a multiple of 8; the condition variable takes 48 bytes from there
     * @return a view that keeps no state of its own
     */
    SharedCondition conditionAt(long offset);

    /**
     * A number on whose change processes can wait.
     *
     * @param offset a multiple of 4; the number takes 4 bytes from there
     * @return a view that keeps no state of its own
     */
    Futex futexAt(long offset);

    /**
     * Removes the object and gives the memory back; peers that have it mapped keep it until they unmap.
     *
     * <p>Closing twice is harmless. A thread that still uses a buffer of this segment reads zeros from now on.
     */
    @Override
    void close();
}
