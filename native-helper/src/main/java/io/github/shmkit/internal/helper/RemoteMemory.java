package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.internal.script.Operation;
import io.github.shmkit.process.HelperMemory;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import java.time.Duration;
import java.util.Arrays;

/** Memory of a native helper: a segment in its mapping, or what is from an address on. Each call is one request. */
final class RemoteMemory implements HelperMemory {
    /** Bytes that go by one message; more are sent in pieces, so that a stopped helper never blocks this thread. */
    private static final int PIECE = 1 << 15;

    private final Requests requests;
    private final Timeouts timeouts;
    private final String label;
    private final boolean raw;
    private final long base;

    private RemoteMemory(Requests requests, Timeouts timeouts, String label, boolean raw, long base) {
        this.requests = requests;
        this.timeouts = timeouts;
        this.label = label;
        this.raw = raw;
        this.base = base;
    }

    static RemoteMemory in(String label, Requests requests, Timeouts timeouts) {
        return new RemoteMemory(requests, timeouts, label, false, 0);
    }

    static RemoteMemory at(long address, Requests requests, Timeouts timeouts) {
        return new RemoteMemory(requests, timeouts, Instruction.FIRST_SEGMENT, true, address);
    }

    private Instruction.Builder place(Operation operation, long offset) {
        return Instruction.builder(operation).at(label, base + offset).raw(raw);
    }

    private long access(Operation operation, long offset, int width, MemoryOrder order, long a, long b) {
        return requests.access(
                place(operation, offset).width(width).order(order).a(a).b(b).build());
    }

    @Override
    public long get(long offset, int width, MemoryOrder order) {
        return access(Operation.GET, offset, width, order, 0, 0);
    }

    @Override
    public void put(long offset, int width, long value, MemoryOrder order) {
        access(Operation.PUT, offset, width, order, value, 0);
    }

    @Override
    public long getAndAdd(long offset, int width, long delta, MemoryOrder order) {
        return access(Operation.ADD, offset, width, order, delta, 0);
    }

    @Override
    public long getAndSet(long offset, int width, long value, MemoryOrder order) {
        return access(Operation.XCHG, offset, width, order, value, 0);
    }

    @Override
    public long compareAndExchange(long offset, int width, long expected, long value, MemoryOrder order) {
        return access(Operation.CAS, offset, width, order, expected, value);
    }

    @Override
    public long await(long offset, int width, Comparison comparison, long value, Duration max) {
        Instruction step = place(Operation.AWAIT, offset)
                .width(width)
                .order(MemoryOrder.ACQUIRE)
                .comparison(comparison)
                .a(value)
                .b(max.toNanos())
                .build();
        return requests.call(step, max.plus(timeouts.answer())).lastValue();
    }

    @Override
    public void fill(long offset, long length, byte value) {
        requests.call(place(Operation.FILL, offset).a(length).b(value & 0xff).build());
    }

    @Override
    public void putBytes(long offset, byte[] bytes) {
        checkWhole(offset, bytes.length);
        for (int from = 0; from < bytes.length; from += PIECE) {
            byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PIECE));
            requests.call(place(Operation.PUT_BYTES, offset + from)
                    .a(piece.length)
                    .data(piece)
                    .build());
        }
    }

    @Override
    public byte[] getBytes(long offset, int length) {
        checkWhole(offset, length);
        byte[] all = new byte[length];
        for (int from = 0; from < length; from += Wire.MAX_REPLY_BYTES) {
            int size = Math.min(length - from, Wire.MAX_REPLY_BYTES);
            byte[] piece = requests.call(bytes(offset + from, size))
                    .values()
                    .get(0)
                    .bytes()
                    .toArray();
            System.arraycopy(piece, 0, all, from, size);
        }
        return all;
    }

    private Instruction bytes(long offset, int length) {
        return place(Operation.GET_BYTES, offset).a(length).build();
    }

    /** Before the first piece is sent: a copy that is out of range must change nothing. */
    private void checkWhole(long offset, int length) {
        requests.check(bytes(offset, length));
    }

    @Override
    public long crc32(long offset, long length) {
        return requests.call(place(Operation.CRC32, offset).a(length).build()).lastValue();
    }
}
