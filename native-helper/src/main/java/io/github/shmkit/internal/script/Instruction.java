package io.github.shmkit.internal.script;

import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One step of a {@link Script}, as data.
 *
 * <p>Tests build scripts by {@link Script#of} and never see this type. What the fields mean for each operation is described
 * in {@code PROTOCOL.md}.
 */
public final class Instruction {
    /** The label that stands for the segment that was attached first. */
    public static final String FIRST_SEGMENT = "";

    /** Instead of a limit in nanoseconds: that of all waits which name none. */
    public static final long BY_DEFAULT = -1;

    /** The value of the operation is to be in the result. */
    public static final int KEEP = 1;

    /** The first operand is a register's value. */
    public static final int A_FROM_REGISTER = 2;

    /** The second operand is a register's value. */
    public static final int B_FROM_REGISTER = 4;

    /** A call that fails ends the script. */
    public static final int CHECKED = 8;

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
    private final boolean raw;
    private final String source;
    private final Arithmetic arithmetic;
    private final LibcCall function;
    private final List<Operand> arguments;

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
        this.raw = from.raw;
        this.source = from.source;
        this.arithmetic = from.arithmetic;
        this.function = from.function;
        this.arguments = from.arguments;
    }

    /**
     * Makes another process, which takes over the connection that is sent along.
     *
     * @return the instruction
     */
    public static Instruction fork() {
        return builder(Operation.FORK).build();
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

    public static Builder builder(Operation operation) {
        return new Builder(operation);
    }

    public Builder change() {
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
        builder.raw = raw;
        builder.source = source;
        builder.arithmetic = arithmetic;
        builder.function = function;
        builder.arguments = arguments;
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
     * @return OPAQUE where the operation has none
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

    /**
     * Whether the offset is an address of the helper's own, in no attached segment.
     *
     * @return true if it is
     */
    public boolean raw() {
        return raw;
    }

    /**
     * The label of the segment that COPY copies from.
     *
     * @return {@link #FIRST_SEGMENT} for the one that was attached first
     */
    public String source() {
        return source;
    }

    /**
     * What ALU calculates.
     *
     * @return ADD where the operation is another
     */
    public Arithmetic arithmetic() {
        return arithmetic;
    }

    /**
     * The function that CALL calls.
     *
     * @return GETPID where the operation is another
     */
    public LibcCall function() {
        return function;
    }

    /**
     * The arguments of CALL.
     *
     * @return an immutable list
     */
    public List<Operand> arguments() {
        return arguments;
    }

    /** As it reads in reports, for example {@code PUT 8 bytes at 'index'+16, 42, RELEASE}. */
    @Override
    public String toString() {
        return InstructionText.of(this);
    }

    /**
     * The names that go with REACH, CHECKPOINT and BARRIER: the checkpoint's, then the parties'.
     *
     * @return an immutable list, empty for other operations
     */
    public List<String> names() {
        return switch (operation) {
            case REACH, CHECKPOINT, BARRIER -> List.of(new String(data, StandardCharsets.UTF_8).split("\0", -1));
            default -> List.of();
        };
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
                && raw == that.raw
                && source.equals(that.source)
                && arithmetic == that.arithmetic
                && function == that.function
                && arguments.equals(that.arguments)
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return Objects.hash(operation, segment, offset, width, order, comparison, a, b);
    }

    /** The fields, one by one. */
    public static final class Builder {
        private static final byte[] NO_DATA = {};

        private final Operation operation;
        private String segment = FIRST_SEGMENT;
        private long offset;
        private int width;
        private MemoryOrder order = MemoryOrder.OPAQUE;
        private Comparison comparison = Comparison.EQUAL;
        private int flags;
        private int target;
        private int index;
        private long a;
        private long b;
        private byte[] data = NO_DATA;
        private boolean raw;
        private String source = FIRST_SEGMENT;
        private Arithmetic arithmetic = Arithmetic.ADD;
        private LibcCall function = LibcCall.GETPID;
        private List<Operand> arguments = List.of();

        private Builder(Operation operation) {
            this.operation = operation;
        }

        public Operation operation() {
            return operation;
        }

        public Builder at(String label, long where) {
            this.segment = label;
            this.offset = where;
            return this;
        }

        public Builder width(int bytes) {
            this.width = bytes;
            return this;
        }

        public Builder order(MemoryOrder memoryOrder) {
            this.order = memoryOrder;
            return this;
        }

        public Builder comparison(Comparison between) {
            this.comparison = between;
            return this;
        }

        public Builder flag(int flag) {
            this.flags |= flag;
            return this;
        }

        public Builder a(long value) {
            this.a = value;
            return this;
        }

        public Builder b(long value) {
            this.b = value;
            return this;
        }

        public Builder data(byte[] bytes) {
            this.data = bytes.clone();
            return this;
        }

        /** The offset, and what {@code index} adds to it, are an address. */
        public Builder raw(boolean isAddress) {
            this.raw = isAddress;
            return this;
        }

        public Builder source(String label) {
            this.source = label;
            return this;
        }

        public Builder arithmetic(Arithmetic how) {
            this.arithmetic = how;
            return this;
        }

        public Builder target(int register) {
            this.target = register;
            return this;
        }

        public Builder index(int register) {
            this.index = register;
            return this;
        }

        public Builder call(LibcCall which, List<Operand> args) {
            this.function = which;
            this.arguments = List.copyOf(args);
            return this;
        }

        public Instruction build() {
            return new Instruction(this);
        }
    }
}
