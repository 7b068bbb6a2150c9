package io.github.shmkit.internal.ipc;

import io.github.shmkit.Futex;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SharedCondition;
import io.github.shmkit.SharedMutex;
import io.github.shmkit.internal.os.Sync;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A part of a segment, whose offsets begin at 0.
 *
 * @param begin offset in the whole
 */
record SegmentSlice(MappedSegment whole, long begin, long size) implements Segment {
    SegmentSlice {
        if (begin < 0 || size < 0 || begin > whole.size() - size) {
            throw new IndexOutOfBoundsException("segment '" + whole.label() + "' has " + whole.size()
                    + " bytes: a slice of " + size + " bytes at offset " + begin + " does not lie within it");
        }
    }

    private long at(long offset, long width) {
        if (offset < 0 || width < 0 || offset > size - width) {
            throw new IndexOutOfBoundsException(this + " has " + size + " bytes: " + width + " bytes at offset "
                    + offset + " do not lie within it");
        }
        return begin + offset;
    }

    @Override
    public SegmentKind kind() {
        return whole.kind();
    }

    @Override
    public String label() {
        return whole.label() + "[" + begin + ".." + (begin + size) + ")";
    }

    @Override
    public SegmentAddress address() {
        throw new UnsupportedOperationException(
                this + " has no address of its own: share segment '" + whole.label() + "', of which it is a part");
    }

    @Override
    public long nativeAddress() {
        return whole.nativeAddress() + begin;
    }

    @Override
    public <V> V as(Class<V> view) {
        return MemoryView.of(this, view);
    }

    @Override
    public ByteBuffer buffer() {
        return whole.buffer(begin, Math.toIntExact(size)).order(ByteOrder.nativeOrder());
    }

    @Override
    public Segment slice(long offset, long length) {
        return new SegmentSlice(whole, at(offset, length), length);
    }

    @Override
    public String hexdump(long offset, int length) {
        return Hexdump.of(getBytes(offset, length), offset);
    }

    @Override
    public ByteBuffer buffer(long offset, int length) {
        return whole.buffer(at(offset, length), length);
    }

    @Override
    public byte getByte(long offset) {
        return whole.getByte(at(offset, Byte.BYTES));
    }

    @Override
    public void putByte(long offset, byte value) {
        whole.putByte(at(offset, Byte.BYTES), value);
    }

    @Override
    public short getShort(long offset) {
        return whole.getShort(at(offset, Short.BYTES));
    }

    @Override
    public void putShort(long offset, short value) {
        whole.putShort(at(offset, Short.BYTES), value);
    }

    @Override
    public int getInt(long offset) {
        return whole.getInt(at(offset, Integer.BYTES));
    }

    @Override
    public void putInt(long offset, int value) {
        whole.putInt(at(offset, Integer.BYTES), value);
    }

    @Override
    public long getLong(long offset) {
        return whole.getLong(at(offset, Long.BYTES));
    }

    @Override
    public void putLong(long offset, long value) {
        whole.putLong(at(offset, Long.BYTES), value);
    }

    @Override
    public int getIntOpaque(long offset) {
        return whole.getIntOpaque(at(offset, Integer.BYTES));
    }

    @Override
    public void putIntOpaque(long offset, int value) {
        whole.putIntOpaque(at(offset, Integer.BYTES), value);
    }

    @Override
    public int getIntAcquire(long offset) {
        return whole.getIntAcquire(at(offset, Integer.BYTES));
    }

    @Override
    public void putIntRelease(long offset, int value) {
        whole.putIntRelease(at(offset, Integer.BYTES), value);
    }

    @Override
    public int getIntVolatile(long offset) {
        return whole.getIntVolatile(at(offset, Integer.BYTES));
    }

    @Override
    public void putIntVolatile(long offset, int value) {
        whole.putIntVolatile(at(offset, Integer.BYTES), value);
    }

    @Override
    public long getLongOpaque(long offset) {
        return whole.getLongOpaque(at(offset, Long.BYTES));
    }

    @Override
    public void putLongOpaque(long offset, long value) {
        whole.putLongOpaque(at(offset, Long.BYTES), value);
    }

    @Override
    public long getLongAcquire(long offset) {
        return whole.getLongAcquire(at(offset, Long.BYTES));
    }

    @Override
    public void putLongRelease(long offset, long value) {
        whole.putLongRelease(at(offset, Long.BYTES), value);
    }

    @Override
    public long getLongVolatile(long offset) {
        return whole.getLongVolatile(at(offset, Long.BYTES));
    }

    @Override
    public void putLongVolatile(long offset, long value) {
        whole.putLongVolatile(at(offset, Long.BYTES), value);
    }

    @Override
    public boolean compareAndSetInt(long offset, int expected, int value) {
        return whole.compareAndSetInt(at(offset, Integer.BYTES), expected, value);
    }

    @Override
    public boolean compareAndSetLong(long offset, long expected, long value) {
        return whole.compareAndSetLong(at(offset, Long.BYTES), expected, value);
    }

    @Override
    public int compareAndExchangeInt(long offset, int expected, int value) {
        return whole.compareAndExchangeInt(at(offset, Integer.BYTES), expected, value);
    }

    @Override
    public long compareAndExchangeLong(long offset, long expected, long value) {
        return whole.compareAndExchangeLong(at(offset, Long.BYTES), expected, value);
    }

    @Override
    public int getAndSetInt(long offset, int value) {
        return whole.getAndSetInt(at(offset, Integer.BYTES), value);
    }

    @Override
    public long getAndSetLong(long offset, long value) {
        return whole.getAndSetLong(at(offset, Long.BYTES), value);
    }

    @Override
    public int getAndAddInt(long offset, int delta) {
        return whole.getAndAddInt(at(offset, Integer.BYTES), delta);
    }

    @Override
    public long getAndAddLong(long offset, long delta) {
        return whole.getAndAddLong(at(offset, Long.BYTES), delta);
    }

    @Override
    public byte[] getBytes(long offset, int length) {
        return whole.getBytes(at(offset, length), length);
    }

    @Override
    public void putBytes(long offset, byte[] bytes) {
        whole.putBytes(at(offset, bytes.length), bytes);
    }

    @Override
    public void fill(long offset, long length, byte value) {
        whole.fill(at(offset, length), length, value);
    }

    @Override
    public SharedMutex mutexAt(long offset) {
        return whole.mutexAt(at(offset, Sync.OBJECT_SIZE));
    }

    @Override
    public SharedCondition conditionAt(long offset) {
        return whole.conditionAt(at(offset, Sync.OBJECT_SIZE));
    }

    @Override
    public Futex futexAt(long offset) {
        return whole.futexAt(at(offset, Integer.BYTES));
    }

    @Override
    public boolean isClosed() {
        return whole.isClosed();
    }

    /** Does nothing: it is closed with the whole. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "slice " + label();
    }
}
