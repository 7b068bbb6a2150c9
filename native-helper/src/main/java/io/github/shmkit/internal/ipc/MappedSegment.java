package io.github.shmkit.internal.ipc;

import io.github.shmkit.Futex;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SharedCondition;
import io.github.shmkit.SharedMutex;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A segment that is mapped here; what becomes of the object at the close is its maker's business. */
public final class MappedSegment implements Segment {
    private static final VarHandle SHORTS =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int CHUNK_MASK = (1 << Mapping.CHUNK_BITS) - 1;
    private static final int FILL_PIECE = 1 << 16;

    private final SegmentKind kind;
    private final String label;
    private final long size;
    private final SegmentAddress address;
    private final Mapping mapping;
    private final Removal removal;
    private final ByteBuffer[] chunks;
    /** The first of them, and below which offset, less 2^63, it holds the widest access; none is once closed. */
    private final ByteBuffer first;

    private long room;
    private boolean open = true;

    /** Unmaps, and takes the object away if it is ours. */
    interface Removal {
        /**
         * Does so.
         *
         * @param prove whether the answer is wanted, which costs some system calls
         * @return true if it was wanted and is certain: nobody has the object open or mapped any more
         */
        boolean run(boolean prove);
    }

    MappedSegment(SegmentKind kind, String label, long size, SegmentAddress address, Mapping mapping, Removal removal) {
        this.kind = kind;
        this.label = label;
        this.size = size;
        this.address = address;
        this.mapping = mapping;
        this.removal = removal;
        this.chunks = mapping.chunks();
        this.first = chunks[0];
        this.room = Long.MIN_VALUE + Math.max(0, Math.min(size - (Long.BYTES - 1), 1L << Mapping.CHUNK_BITS));
    }

    @Override
    public SegmentKind kind() {
        return kind;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public SegmentAddress address() {
        return address;
    }

    @Override
    public long nativeAddress() {
        return mapping.address();
    }

    @Override
    public Segment slice(long offset, long length) {
        return new SegmentSlice(this, offset, length);
    }

    @Override
    public synchronized boolean isClosed() {
        return !open;
    }

    @Override
    public <V> V as(Class<V> view) {
        return MemoryView.of(this, view);
    }

    @Override
    public ByteBuffer buffer() {
        if (size > 1L << Mapping.CHUNK_BITS) {
            throw new IllegalStateException("segment '" + label + "' has " + size
                    + " bytes, more than one buffer holds; take parts of at most 1 GiB with buffer(offset, length)");
        }
        return checked(0, size).duplicate().order(ByteOrder.nativeOrder());
    }

    @Override
    public ByteBuffer buffer(long offset, int length) {
        ByteBuffer chunk = checked(offset, length);
        int from = index(offset);
        if (from + (long) length > chunk.capacity()) {
            throw new IllegalArgumentException("segment '" + label
                    + "': a buffer cannot span the 1 GiB boundary between " + offset + " and " + (offset + length));
        }
        return chunk.slice(from, length).order(ByteOrder.nativeOrder());
    }

    /** The buffer that holds the offset of an access of at most 8 bytes, after all checks: most often after one. */
    private ByteBuffer at(long offset, int width) {
        return offset + Long.MIN_VALUE < room ? first : checked(offset, width);
    }

    private ByteBuffer checked(long offset, long width) {
        if (!open) {
            throw closed();
        }
        if (offset < 0 || width < 0 || offset > size - width) {
            throw outOfRange(offset, width);
        }
        // At the very end of a segment of whole chunks no chunk begins; only 0 bytes can be meant there.
        return chunks[(int) Math.min(offset >>> Mapping.CHUNK_BITS, chunks.length - 1)];
    }

    private ByteBuffer aligned(long offset, int width) {
        ByteBuffer chunk = at(offset, width);
        if ((offset & width - 1) != 0) {
            throw misaligned(offset, width);
        }
        return chunk;
    }

    private static int index(long offset) {
        return (int) offset & CHUNK_MASK;
    }

    private IllegalStateException closed() {
        return new IllegalStateException("segment '" + label + "' is closed: its test or class has ended");
    }

    private IndexOutOfBoundsException outOfRange(long offset, long width) {
        return new IndexOutOfBoundsException("segment '" + label + "' has " + size + " bytes: " + width
                + " bytes at offset " + offset + " do not lie within it");
    }

    private IllegalArgumentException misaligned(long offset, int width) {
        return new IllegalArgumentException("segment '" + label + "': offset " + offset + " is not a multiple of "
                + width + ", which an access of " + width + " bytes with an order needs");
    }

    @Override
    public byte getByte(long offset) {
        return at(offset, 1).get(index(offset));
    }

    @Override
    public void putByte(long offset, byte value) {
        at(offset, 1).put(index(offset), value);
    }

    @Override
    public short getShort(long offset) {
        return (short) SHORTS.get(at(offset, Short.BYTES), index(offset));
    }

    @Override
    public void putShort(long offset, short value) {
        SHORTS.set(at(offset, Short.BYTES), index(offset), value);
    }

    @Override
    public int getInt(long offset) {
        return (int) INTS.get(at(offset, Integer.BYTES), index(offset));
    }

    @Override
    public void putInt(long offset, int value) {
        INTS.set(at(offset, Integer.BYTES), index(offset), value);
    }

    @Override
    public long getLong(long offset) {
        return (long) LONGS.get(at(offset, Long.BYTES), index(offset));
    }

    @Override
    public void putLong(long offset, long value) {
        LONGS.set(at(offset, Long.BYTES), index(offset), value);
    }

    @Override
    public int getIntOpaque(long offset) {
        return (int) INTS.getOpaque(aligned(offset, Integer.BYTES), index(offset));
    }

    @Override
    public void putIntOpaque(long offset, int value) {
        INTS.setOpaque(aligned(offset, Integer.BYTES), index(offset), value);
    }

    @Override
    public int getIntAcquire(long offset) {
        return (int) INTS.getAcquire(aligned(offset, Integer.BYTES), index(offset));
    }

    @Override
    public void putIntRelease(long offset, int value) {
        INTS.setRelease(aligned(offset, Integer.BYTES), index(offset), value);
    }

    @Override
    public int getIntVolatile(long offset) {
        return (int) INTS.getVolatile(aligned(offset, Integer.BYTES), index(offset));
    }

    @Override
    public void putIntVolatile(long offset, int value) {
        INTS.setVolatile(aligned(offset, Integer.BYTES), index(offset), value);
    }

    @Override
    public long getLongOpaque(long offset) {
        return (long) LONGS.getOpaque(aligned(offset, Long.BYTES), index(offset));
    }

    @Override
    public void putLongOpaque(long offset, long value) {
        LONGS.setOpaque(aligned(offset, Long.BYTES), index(offset), value);
    }

    @Override
    public long getLongAcquire(long offset) {
        return (long) LONGS.getAcquire(aligned(offset, Long.BYTES), index(offset));
    }

    @Override
    public void putLongRelease(long offset, long value) {
        LONGS.setRelease(aligned(offset, Long.BYTES), index(offset), value);
    }

    @Override
    public long getLongVolatile(long offset) {
        return (long) LONGS.getVolatile(aligned(offset, Long.BYTES), index(offset));
    }

    @Override
    public void putLongVolatile(long offset, long value) {
        LONGS.setVolatile(aligned(offset, Long.BYTES), index(offset), value);
    }

    @Override
    public boolean compareAndSetInt(long offset, int expected, int value) {
        return INTS.compareAndSet(aligned(offset, Integer.BYTES), index(offset), expected, value);
    }

    @Override
    public boolean compareAndSetLong(long offset, long expected, long value) {
        return LONGS.compareAndSet(aligned(offset, Long.BYTES), index(offset), expected, value);
    }

    @Override
    public int compareAndExchangeInt(long offset, int expected, int value) {
        return (int) INTS.compareAndExchange(aligned(offset, Integer.BYTES), index(offset), expected, value);
    }

    @Override
    public int getAndSetInt(long offset, int value) {
        return (int) INTS.getAndSet(aligned(offset, Integer.BYTES), index(offset), value);
    }

    @Override
    public long compareAndExchangeLong(long offset, long expected, long value) {
        return (long) LONGS.compareAndExchange(aligned(offset, Long.BYTES), index(offset), expected, value);
    }

    @Override
    public long getAndSetLong(long offset, long value) {
        return (long) LONGS.getAndSet(aligned(offset, Long.BYTES), index(offset), value);
    }

    @Override
    public int getAndAddInt(long offset, int delta) {
        return (int) INTS.getAndAdd(aligned(offset, Integer.BYTES), index(offset), delta);
    }

    @Override
    public long getAndAddLong(long offset, long delta) {
        return (long) LONGS.getAndAdd(aligned(offset, Long.BYTES), index(offset), delta);
    }

    @Override
    public byte[] getBytes(long offset, int length) {
        checked(offset, length);
        byte[] bytes = new byte[length];
        for (int done = 0; done < length; ) {
            ByteBuffer chunk = at(offset + done, 1);
            int from = index(offset + done);
            int piece = Math.min(length - done, chunk.capacity() - from);
            chunk.get(from, bytes, done, piece);
            done += piece;
        }
        return bytes;
    }

    @Override
    public void putBytes(long offset, byte[] bytes) {
        checked(offset, bytes.length);
        for (int done = 0; done < bytes.length; ) {
            ByteBuffer chunk = at(offset + done, 1);
            int from = index(offset + done);
            int piece = Math.min(bytes.length - done, chunk.capacity() - from);
            chunk.put(from, bytes, done, piece);
            done += piece;
        }
    }

    @Override
    public void fill(long offset, long length, byte value) {
        checked(offset, length);
        byte[] piece = new byte[(int) Math.min(length, FILL_PIECE)];
        java.util.Arrays.fill(piece, value);
        long done = 0;
        while (length - done >= piece.length && piece.length > 0) {
            putBytes(offset + done, piece);
            done += piece.length;
        }
        putBytes(offset + done, java.util.Arrays.copyOf(piece, (int) (length - done)));
    }

    @Override
    public String hexdump(long offset, int length) {
        if (length > FILL_PIECE) {
            throw new IllegalArgumentException(
                    "segment '" + label + "': a hex dump shows at most " + FILL_PIECE + " bytes, not " + length);
        }
        return Hexdump.of(getBytes(offset, length), offset);
    }

    /** The memory of a synchronisation object, after all checks; holding it keeps it mapped. */
    ByteBuffer place(long offset, int length) {
        ByteBuffer chunk = checked(offset, length);
        int alignment = length % Long.BYTES == 0 ? Long.BYTES : Integer.BYTES;
        if ((offset & alignment - 1) != 0) {
            throw misaligned(offset, alignment);
        }
        return chunk;
    }

    @Override
    public SharedMutex mutexAt(long offset) {
        return new PlacedMutex(this, offset);
    }

    @Override
    public SharedCondition conditionAt(long offset) {
        return new PlacedCondition(this, offset);
    }

    @Override
    public Futex futexAt(long offset) {
        return new PlacedFutex(this, offset);
    }

    @Override
    public void close() {
        close(false);
    }

    /**
     * Closes it, and tells whether it is certain that no process has the object open or mapped any more.
     *
     * @return false as well if it was closed before, or the kernel cannot tell: then who wants to know has to search
     */
    public boolean closeAndProveUnused() {
        return close(true);
    }

    private synchronized boolean close(boolean prove) {
        if (!open) {
            return false;
        }
        open = false;
        room = Long.MIN_VALUE;
        return removal.run(prove);
    }

    @Override
    public String toString() {
        return kind + " '" + label + "' of " + size + " bytes";
    }
}
