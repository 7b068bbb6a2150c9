package io.github.shmkit;

import java.util.Arrays;
import java.util.Objects;

/**
 * One step of a {@link Script}, as data.
 *
 * <p>Tests build scripts by {@link Script#of} and never need this type, except to look at what a script does. What the
 * fields mean for each operation is described in {@code PROTOCOL.md}.
 *
 * @since 0.1.0
 */
public final class Instruction {
    /** The label that stands for the segment that was attached first. */
    public static final String FIRST_SEGMENT = "";

    /** The value of the operation is to be in the result. */
    static final int KEEP = 1;

    /** The first operand is a register's value. */
    static final int A_FROM_REGISTER = 2;

    private final Operation operation;
    private final String segment;
    private final long offset;
    private final int width;
    private final MemoryOrder order;
    private final Comparison comparison;
    private final int flags;
    private final int target;
    private final int index;
    private final long a;
    private final long b;
    private final byte[] data;

    private Instruction(Builder from) {
        this.operation = from.operation;
        this.segment = from.segment;
        this.offset = from.offset;
        this.width = from.width;
        this.order = from.order;
        this.comparison = from.comparison;
        this.flags = from.flags;
        this.target = from.target;
        this.index = from.index;
        this.a = from.a;
        this.b = from.b;
        this.data = from.data;
    }

    /** What a helper can do; names and order are those of {@code proto.h}. */
    public enum Operation {
        /** Nothing. */
        NOP,
        /** Load. */
        GET,
        /** Store. */
        PUT,
        /** Atomic addition; the result is the value before, as for the next four. */
        ADD,
        /** Atomic exchange. */
        XCHG,
        /** Atomic and. */
        AND,
        /** Atomic or. */
        OR,
        /** Atomic exclusive or. */
        XOR,
        /** Atomic compare-and-set. */
        CAS,
        /** Sets bytes to one value. */
        FILL,
        /** Copies bytes in. */
        PUT_BYTES,
        /** Copies bytes out. */
        GET_BYTES,
        /** Copies bytes from one place to another. */
        COPY,
        /** CRC-32 of bytes. */
        CRC32,
        /** Waits for a value in memory. */
        AWAIT,
        /** Sleeps. */
        SLEEP,
        /** Memory fence. */
        FENCE,
        /** Writes to standard error. */
        ECHO,
        /** Ends the process by an exit code. */
        EXIT,
        /** Ends the process by a signal. */
        DIE,
        /** Begins a loop. */
        LOOP,
        /** Ends a loop or a condition. */
        END,
        /** Leaves the innermost loop. */
        BREAK,
        /** Begins a condition. */
        IF,
        /** Begins the other half of a condition. */
        ELSE,
        /** Ends the script unless a comparison holds. */
        CHECK,
        /** Sets a register. */
        SET,
        /** Calculates. */
        ALU,
        /** Attaches a segment. */
        ATTACH,
        /** Detaches a segment. */
        DETACH,
        /** Calls a function of the C library. */
        CALL,
        /** Forks. */
        FORK
    }

    /**
     * Detaches a segment.
     *
     * @param label its label
     * @return the instruction
     */
    public static Instruction detach(String label) {
        return builder(Operation.DETACH).at(label, 0).build();
    }

    static Builder builder(Operation operation) {
        return new Builder(operation);
    }

    Builder change() {
        Builder builder = new Builder(operation);
        builder.segment = segment;
        builder.offset = offset;
        builder.width = width;
        builder.order = order;
        builder.comparison = comparison;
        builder.flags = flags;
        builder.target = target;
        builder.index = index;
        builder.a = a;
        builder.b = b;
        builder.data = data;
        return builder;
    }

    /**
     * What it does.
     *
     * @return the operation
     */
    public Operation operation() {
        return operation;
    }

    /**
     * The label of the segment that it is about.
     *
     * @return {@link #FIRST_SEGMENT} for the one that was attached first
     */
    public String segment() {
        return segment;
    }

    /**
     * Where in the segment.
     *
     * @return bytes from its start
     */
    public long offset() {
        return offset;
    }

    /**
     * The width of the access.
     *
     * @return 1, 2, 4 or 8 bytes; 0 where the operation has none
     */
    public int width() {
        return width;
    }

    /**
     * The memory order of the access.
     *
     * @return RELAXED where the operation has none
     */
    public MemoryOrder order() {
        return order;
    }

    /**
     * The comparison of AWAIT, IF and CHECK.
     *
     * @return EQUAL where the operation has none
     */
    public Comparison comparison() {
        return comparison;
    }

    /**
     * Flags, see {@code proto.h}.
     *
     * @return their sum
     */
    public int flags() {
        return flags;
    }

    /**
     * The register that gets the value.
     *
     * @return its number from 1, 0 for none
     */
    public int target() {
        return target;
    }

    /**
     * The register that is added to the offset or looked at.
     *
     * @return its number from 1, 0 for none
     */
    public int index() {
        return index;
    }

    /**
     * The first operand.
     *
     * @return its value
     */
    public long a() {
        return a;
    }

    /**
     * The second operand.
     *
     * @return its value
     */
    public long b() {
        return b;
    }

    /**
     * Bytes that go with it.
     *
     * @return a copy; empty for most operations
     */
    public byte[] data() {
        return data.clone();
    }

    /** As it reads in reports, for example {@code PUT 8 bytes at 'index'+16, 42, RELEASE}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(operation.name());
        if (width != 0) {
            text.append(' ').append(width).append(width == 1 ? " byte" : " bytes");
        }
        switch (operation) {
            case GET, PUT, ADD, XCHG, AND, OR, XOR, CAS, FILL, PUT_BYTES, GET_BYTES, COPY, CRC32, AWAIT ->
                text.append(" at ").append(place());
            default -> {}
        }
        switch (operation) {
            case PUT, ADD, XCHG, AND, OR, XOR, SET -> text.append(", ").append(a);
            case CAS -> text.append(", ").append(a).append(" -> ").append(b);
            case AWAIT, CHECK, IF ->
                text.append(' ').append(comparison.sign()).append(' ').append(a);
            case LOOP, EXIT, DIE, SLEEP, FILL, PUT_BYTES, GET_BYTES, COPY, CRC32 ->
                text.append(' ').append(Long.toUnsignedString(a));
            default -> {}
        }
        if (order != MemoryOrder.RELAXED) {
            text.append(", ").append(order);
        }
        return text.toString();
    }

    private String place() {
        return segment.equals(FIRST_SEGMENT) ? "offset " + offset : "'" + segment + "'+" + offset;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Instruction that
                && operation == that.operation
                && segment.equals(that.segment)
                && offset == that.offset
                && width == that.width
                && order == that.order
                && comparison == that.comparison
                && flags == that.flags
                && target == that.target
                && index == that.index
                && a == that.a
                && b == that.b
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return Objects.hash(operation, segment, offset, width, order, comparison, a, b);
    }

    /** The fields, one by one. */
    static final class Builder {
        private static final byte[] NO_DATA = {};

        private final Operation operation;
        private String segment = FIRST_SEGMENT;
        private long offset;
        private int width;
        private MemoryOrder order = MemoryOrder.RELAXED;
        private Comparison comparison = Comparison.EQUAL;
        private int flags;
        private int target;
        private int index;
        private long a;
        private long b;
        private byte[] data = NO_DATA;

        private Builder(Operation operation) {
            this.operation = operation;
        }

        Builder at(String label, long where) {
            this.segment = label;
            this.offset = where;
            return this;
        }

        Builder width(int bytes) {
            this.width = bytes;
            return this;
        }

        Builder order(MemoryOrder memoryOrder) {
            this.order = memoryOrder;
            return this;
        }

        Builder comparison(Comparison between) {
            this.comparison = between;
            return this;
        }

        Builder flag(int flag) {
            this.flags |= flag;
            return this;
        }

        Builder a(long value) {
            this.a = value;
            return this;
        }

        Builder b(long value) {
            this.b = value;
            return this;
        }

        Builder data(byte[] bytes) {
            this.data = bytes.clone();
            return this;
        }

        Instruction build() {
            return new Instruction(this);
        }
    }
}
