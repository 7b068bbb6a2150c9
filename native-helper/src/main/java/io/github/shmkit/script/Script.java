package io.github.shmkit.script;

import io.github.shmkit.Party;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.internal.script.Instructions;
import io.github.shmkit.internal.script.Operation;
import io.github.shmkit.process.Checkpoints;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.Operand.Var;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a native helper is to do, as a whole and at native speed.
 *
 * <pre>{@code
 * Script publish = Script.of(b -> b.putLong(8, 42).putLong(0, 1, MemoryOrder.RELEASE));
 * Script count = Script.of(b -> b.repeat(1_000_000, r -> r.getAndAddLong(0, 1)));
 * }</pre>
 *
 * <p>Offsets address the segment that was attached first; {@link Builder#in} names another by its label. They are
 * checked when the script is run, against the segments of the helper that is to run it. The value of an operation that
 * has one comes back in the {@link ScriptResult} if it stands outside all loops, else only if {@link Builder#keep} says
 * so.
 *
 * <p>Immutable: one script may be run many times, by many helpers.
 *
 * @since 0.1.0
 */
public final class Script {
    static {
        Instructions.ofScripts(script -> new Instructions(script.instructions, script.names));
    }

    private final List<Instruction> instructions;
    private final Map<Integer, String> names;

    private Script(List<Instruction> instructions, Map<Integer, String> names) {
        this.instructions = List.copyOf(instructions);
        this.names = Map.copyOf(names);
    }

    /**
     * Builds a script.
     *
     * @param steps gets the builder
     * @return the script
     */
    public static Script of(Consumer<Builder> steps) {
        Builder builder = new Builder();
        steps.accept(builder);
        builder.finish();
        return new Script(builder.instructions, builder.names);
    }

    /**
     * A description of each step, in order: the form in which reports name it.
     *
     * @return an immutable list
     */
    public List<String> steps() {
        return instructions.stream().map(Instruction::toString).toList();
    }

    /**
     * This script with death by SIGKILL after some of its steps; inside of a loop in its first round.
     *
     * @param steps how many are done, 0 for none
     * @return another script
     * @throws IndexOutOfBoundsException if it has not so many
     */
    public Script killedAfter(int steps) {
        List<Instruction> cut = new ArrayList<>(instructions.subList(0, steps));
        Instruction death =
                Instruction.builder(Operation.DIE).a(Signal.SIGKILL.number()).build();
        int depth = 0;
        for (Instruction instruction : cut) {
            depth += switch (instruction.operation()) {
                case LOOP, IF -> 1;
                case END -> -1;
                default -> 0;
            };
        }
        cut.add(death);
        cut.addAll(Collections.nCopies(depth, Instruction.builder(Operation.END).build()));
        cut.add(death); // where a condition did not hold that the first one stands in
        return new Script(cut, Map.of());
    }

    @Override
    public String toString() {
        return instructions.toString();
    }

    /**
     * Collects the steps of a script, each method one of them.
     *
     * @since 0.1.0
     */
    public static final class Builder {
        private final List<Instruction> instructions = new ArrayList<>();
        private final Map<Integer, String> names = new HashMap<>();
        private static final int NO_STEP = -1;
        /** Holds the errno of the last call. */
        private static final int EXTRA_REGISTER = 18;

        private String segment = Instruction.FIRST_SEGMENT;
        private boolean raw;
        private long base;
        private int index;
        private int vars;
        private int endOfCondition = NO_STEP;
        private int depth;
        private boolean finished;

        private Builder() {}

        private void finish() {
            finished = true;
        }

        private Builder add(Instruction.Builder instruction) {
            if (finished) {
                throw new IllegalStateException("this script is finished; a builder may be used only within Script.of");
            }
            instructions.add(instruction.build());
            return this;
        }

        private Builder memory(Operation operation, long offset, int width, MemoryOrder order, long a, long b) {
            return memory(
                    place(operation, offset).width(width).order(order).a(a).b(b));
        }

        private Instruction.Builder place(Operation operation, long offset) {
            return Instruction.builder(operation)
                    .at(segment, base + offset)
                    .raw(raw)
                    .index(index);
        }

        private Builder memory(Instruction.Builder instruction) {
            if (instruction.operation() != Operation.PUT && depth == 0) {
                instruction.flag(Instruction.KEEP);
            }
            return add(instruction);
        }

        /**
         * Addresses another segment in some steps.
         *
         * @param label of a segment that the helper has attached
         * @param steps their offsets are in that segment
         * @return this
         */
        public Builder in(String label, Consumer<Builder> steps) {
            return placed(label, false, 0, 0, steps);
        }

        /**
         * Addresses memory that belongs to no attached segment, for example what mmap(2) returned.
         *
         * @param address where offset 0 is
         * @param steps their offsets are from there, and nothing checks them
         * @return this
         */
        public Builder at(long address, Consumer<Builder> steps) {
            return placed(Instruction.FIRST_SEGMENT, true, address, 0, steps);
        }

        /**
         * Addresses memory that belongs to no attached segment, at an address that the script has found.
         *
         * @param address where offset 0 is
         * @param steps their offsets are from there, and nothing checks them
         * @return this
         */
        public Builder at(Var address, Consumer<Builder> steps) {
            return placed(Instruction.FIRST_SEGMENT, true, 0, address.number(), steps);
        }

        /**
         * Adds a variable to the offsets of some steps.
         *
         * @param offset its value as each step is done; the sum is checked then
         * @param steps each addresses memory at its own offset and this one
         * @return this
         */
        public Builder indexed(Var offset, Consumer<Builder> steps) {
            if (index != 0) {
                throw new IllegalArgumentException(
                        "offsets are relative to var " + index + " already; add the two by calculate()");
            }
            return placed(segment, raw, base, offset.number(), steps);
        }

        private Builder placed(String label, boolean isRaw, long address, int register, Consumer<Builder> steps) {
            String outerSegment = segment;
            boolean outerRaw = raw;
            long outerBase = base;
            int outerIndex = index;
            segment = label;
            raw = isRaw;
            base = address;
            index = register;
            try {
                steps.accept(this);
            } finally {
                segment = outerSegment;
                raw = outerRaw;
                base = outerBase;
                index = outerIndex;
            }
            return this;
        }

        /**
         * A variable that nothing else in this script uses.
         *
         * @return a new one; what it holds is not known
         * @throws IllegalStateException if there are 16 already
         */
        public Var var() {
            if (vars == Var.COUNT) {
                throw new IllegalStateException("a script has at most " + Var.COUNT + " variables");
            }
            return new Var(++vars);
        }

        /**
         * Puts the value of the step before into a variable.
         *
         * @param target which
         * @return this
         */
        public Builder into(Var target) {
            int last = lastWithValue("into");
            instructions.set(
                    last,
                    instructions.get(last).change().target(target.number()).build());
            return this;
        }

        private int lastWithValue(String method) {
            int last = instructions.size() - 1;
            if (last < 0 || !hasValue(instructions.get(last).operation())) {
                throw new IllegalArgumentException(
                        method + "() must follow a step that has a value, such as getLong or casLong");
            }
            return last;
        }

        /**
         * Sets a variable.
         *
         * @param target which
         * @param value what it is to hold
         * @return this
         */
        public Builder set(Var target, long value) {
            return add(
                    Instruction.builder(Operation.SET).target(target.number()).a(value));
        }

        /**
         * Sets a variable to the value of another.
         *
         * @param target which
         * @param value what it is to hold
         * @return this
         */
        public Builder set(Var target, Var value) {
            return add(from(Instruction.builder(Operation.SET).target(target.number()), value));
        }

        /**
         * Has the value of a variable come back, and be the value that {@code when} and {@code check} look at.
         *
         * @param variable which
         * @return this
         */
        public Builder value(Var variable) {
            Instruction.Builder instruction = from(Instruction.builder(Operation.SET), variable);
            return add(depth == 0 ? instruction.flag(Instruction.KEEP) : instruction);
        }

        /**
         * Puts the error number of the call before into a variable; 0 if it succeeded.
         *
         * @param target which
         * @return this
         */
        public Builder errno(Var target) {
            return add(Instruction.builder(Operation.SET)
                    .target(target.number())
                    .flag(Instruction.A_FROM_REGISTER)
                    .a(EXTRA_REGISTER));
        }

        /**
         * Calculates with a variable.
         *
         * @param target its value is the left operand, and the result goes there
         * @param how what to do
         * @param operand the right operand
         * @return this
         */
        public Builder calculate(Var target, Arithmetic how, long operand) {
            return add(alu(target, how).a(operand));
        }

        /**
         * Calculates with two variables.
         *
         * @param target its value is the left operand, and the result goes there
         * @param how what to do
         * @param operand the right operand
         * @return this
         */
        public Builder calculate(Var target, Arithmetic how, Var operand) {
            return add(from(alu(target, how), operand));
        }

        private static Instruction.Builder alu(Var target, Arithmetic how) {
            return Instruction.builder(Operation.ALU)
                    .arithmetic(how)
                    .index(target.number())
                    .target(target.number());
        }

        private static Instruction.Builder from(Instruction.Builder instruction, Var a) {
            return instruction.flag(Instruction.A_FROM_REGISTER).a(a.number());
        }

        /**
         * Loads a number.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param order OPAQUE, ACQUIRE or VOLATILE
         * @return this
         */
        public Builder get(long offset, int width, MemoryOrder order) {
            return memory(Operation.GET, offset, width, order, 0, 0);
        }

        /**
         * Stores the low bytes of a number.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param value what
         * @param order OPAQUE, RELEASE or VOLATILE
         * @return this
         */
        public Builder put(long offset, int width, long value, MemoryOrder order) {
            return memory(Operation.PUT, offset, width, order, value, 0);
        }

        /**
         * Adds as one atomic step; the value is the one before.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param delta what to add
         * @param order any
         * @return this
         */
        public Builder getAndAdd(long offset, int width, long delta, MemoryOrder order) {
            return memory(Operation.ADD, offset, width, order, delta, 0);
        }

        /**
         * Exchanges as one atomic step; the value is the one before.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param value what to put there
         * @param order any
         * @return this
         */
        public Builder getAndSet(long offset, int width, long value, MemoryOrder order) {
            return memory(Operation.XCHG, offset, width, order, value, 0);
        }

        /**
         * Replaces a number if it is what was expected, as one atomic step; the value is the one that was there.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param expected the value that must be there
         * @param value the value to put there
         * @param order any
         * @return this
         */
        public Builder compareAndExchange(long offset, int width, long expected, long value, MemoryOrder order) {
            return memory(Operation.CAS, offset, width, order, expected, value);
        }

        private Builder memory(Operation operation, long offset, int width, MemoryOrder order, Var a) {
            return memory(from(place(operation, offset).width(width).order(order), a));
        }

        /**
         * Stores the low bytes of a variable.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param value what
         * @param order OPAQUE, RELEASE or VOLATILE
         * @return this
         */
        public Builder put(long offset, int width, Var value, MemoryOrder order) {
            return memory(Operation.PUT, offset, width, order, value);
        }

        /**
         * Adds a variable as one atomic step; the value is the one before.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param delta what to add
         * @param order any
         * @return this
         */
        public Builder getAndAdd(long offset, int width, Var delta, MemoryOrder order) {
            return memory(Operation.ADD, offset, width, order, delta);
        }

        /**
         * Exchanges with a variable's value as one atomic step; the value is the one before.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param value what to put there
         * @param order any
         * @return this
         */
        public Builder getAndSet(long offset, int width, Var value, MemoryOrder order) {
            return memory(Operation.XCHG, offset, width, order, value);
        }

        /**
         * Replaces a number if it is what was expected, as one atomic step; the value is the one that was there.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param expected the value that must be there
         * @param value the value to put there
         * @param order any
         * @return this
         */
        public Builder compareAndExchange(long offset, int width, Var expected, Var value, MemoryOrder order) {
            return memory(from(place(Operation.CAS, offset).width(width).order(order), expected)
                    .flag(Instruction.B_FROM_REGISTER)
                    .b(value.number()));
        }

        /**
         * Stores the low byte of a variable with relaxed order.
         *
         * @param offset where
         * @param value what
         * @return this
         */
        public Builder putByte(long offset, Var value) {
            return put(offset, Byte.BYTES, value, MemoryOrder.OPAQUE);
        }

        /**
         * Stores the low 4 bytes of a variable with relaxed order.
         *
         * @param offset a multiple of 4
         * @param value what
         * @return this
         */
        public Builder putInt(long offset, Var value) {
            return put(offset, Integer.BYTES, value, MemoryOrder.OPAQUE);
        }

        /**
         * Stores a variable with relaxed order.
         *
         * @param offset a multiple of 8
         * @param value what
         * @return this
         */
        public Builder putLong(long offset, Var value) {
            return put(offset, Long.BYTES, value, MemoryOrder.OPAQUE);
        }

        /**
         * Loads 1 byte with relaxed order.
         *
         * @param offset where
         * @return this
         */
        public Builder getByte(long offset) {
            return get(offset, Byte.BYTES, MemoryOrder.OPAQUE);
        }

        /**
         * Loads 4 bytes with relaxed order.
         *
         * @param offset a multiple of 4
         * @return this
         */
        public Builder getInt(long offset) {
            return get(offset, Integer.BYTES, MemoryOrder.OPAQUE);
        }

        /**
         * Loads 8 bytes with relaxed order.
         *
         * @param offset a multiple of 8
         * @return this
         */
        public Builder getLong(long offset) {
            return get(offset, Long.BYTES, MemoryOrder.OPAQUE);
        }

        /**
         * Loads 8 bytes.
         *
         * @param offset a multiple of 8
         * @param order OPAQUE, ACQUIRE or VOLATILE
         * @return this
         */
        public Builder getLong(long offset, MemoryOrder order) {
            return get(offset, Long.BYTES, order);
        }

        /**
         * Stores a byte with relaxed order.
         *
         * @param offset where
         * @param value what
         * @return this
         */
        public Builder putByte(long offset, byte value) {
            return put(offset, Byte.BYTES, value, MemoryOrder.OPAQUE);
        }

        /**
         * Stores 4 bytes with relaxed order.
         *
         * @param offset a multiple of 4
         * @param value what
         * @return this
         */
        public Builder putInt(long offset, int value) {
            return put(offset, Integer.BYTES, value, MemoryOrder.OPAQUE);
        }

        /**
         * Stores 4 bytes.
         *
         * @param offset a multiple of 4
         * @param value what
         * @param order OPAQUE, RELEASE or VOLATILE
         * @return this
         */
        public Builder putInt(long offset, int value, MemoryOrder order) {
            return put(offset, Integer.BYTES, value, order);
        }

        /**
         * Stores 8 bytes with relaxed order.
         *
         * @param offset a multiple of 8
         * @param value what
         * @return this
         */
        public Builder putLong(long offset, long value) {
            return put(offset, Long.BYTES, value, MemoryOrder.OPAQUE);
        }

        /**
         * Stores 8 bytes.
         *
         * @param offset a multiple of 8
         * @param value what
         * @param order OPAQUE, RELEASE or VOLATILE
         * @return this
         */
        public Builder putLong(long offset, long value, MemoryOrder order) {
            return put(offset, Long.BYTES, value, order);
        }

        /**
         * Adds to 4 bytes as one atomic step, with sequentially consistent order.
         *
         * @param offset a multiple of 4
         * @param delta what to add
         * @return this
         */
        public Builder getAndAddInt(long offset, int delta) {
            return getAndAdd(offset, Integer.BYTES, delta, MemoryOrder.VOLATILE);
        }

        /**
         * Adds to 8 bytes as one atomic step, with sequentially consistent order.
         *
         * @param offset a multiple of 8
         * @param delta what to add
         * @return this
         */
        public Builder getAndAddLong(long offset, long delta) {
            return getAndAdd(offset, Long.BYTES, delta, MemoryOrder.VOLATILE);
        }

        /**
         * Replaces 4 bytes if they hold what was expected, with sequentially consistent order.
         *
         * @param offset a multiple of 4
         * @param expected the value that must be there
         * @param value the value to put there
         * @return this
         */
        public Builder compareAndExchangeInt(long offset, int expected, int value) {
            return compareAndExchange(offset, Integer.BYTES, expected, value, MemoryOrder.VOLATILE);
        }

        /**
         * Replaces 8 bytes if they hold what was expected, with sequentially consistent order.
         *
         * @param offset a multiple of 8
         * @param expected the value that must be there
         * @param value the value to put there
         * @return this
         */
        public Builder compareAndExchangeLong(long offset, long expected, long value) {
            return compareAndExchange(offset, Long.BYTES, expected, value, MemoryOrder.VOLATILE);
        }

        /**
         * Has the value of the step before come back, under a name; inside a loop once for each round.
         *
         * @param name for {@link ScriptResult#value(String)}; a loop's last round wins
         * @return this
         */
        public Builder keep(String name) {
            int last = lastWithValue("keep");
            instructions.set(
                    last, instructions.get(last).change().flag(Instruction.KEEP).build());
            names.put(last, name);
            return this;
        }

        private static boolean hasValue(Operation operation) {
            return switch (operation) {
                case GET, ADD, XCHG, AND, OR, XOR, CAS, GET_BYTES, CRC32, AWAIT, SET, ALU, ATTACH, CALL, FORK -> true;
                default -> false;
            };
        }

        /**
         * Sets bytes to one value.
         *
         * @param offset where they begin
         * @param length how many
         * @param value the value of each
         * @return this
         */
        public Builder fill(long offset, long length, byte value) {
            return add(place(Operation.FILL, offset).a(length).b(value & 0xff));
        }

        /**
         * Copies bytes within the segment; the two places may overlap.
         *
         * @param offset where they are to begin
         * @param from where they begin now
         * @param length how many
         * @return this
         */
        public Builder copy(long offset, long from, long length) {
            return copy(offset, segment, from, length);
        }

        /**
         * Copies bytes from another segment.
         *
         * @param offset where they are to begin, in the segment that is addressed here
         * @param label of the segment that they are in
         * @param from where they begin there
         * @param length how many
         * @return this
         */
        public Builder copy(long offset, String label, long from, long length) {
            return add(place(Operation.COPY, offset).source(label).a(length).b(from));
        }

        /**
         * Calls a function of the C library; its result comes back raw, and the script goes on if it failed.
         *
         * @param function which
         * @param arguments as many as {@link LibcCall#signature} has letters
         * @return this
         */
        public Builder call(LibcCall function, Operand... arguments) {
            if (arguments.length != function.signature().length()) {
                throw new IllegalArgumentException(function.function() + " has "
                        + function.signature().length() + " arguments, not " + arguments.length);
            }
            Instruction.Builder instruction =
                    Instruction.builder(Operation.CALL).call(function, List.of(arguments));
            return add(depth == 0 ? instruction.flag(Instruction.KEEP) : instruction);
        }

        /**
         * Has the script end as failed if the call before failed.
         *
         * @return this
         */
        public Builder orFail() {
            int last = lastWithValue("orFail");
            if (instructions.get(last).operation() != Operation.CALL) {
                throw new IllegalArgumentException("orFail() must follow a call()");
            }
            instructions.set(
                    last,
                    instructions.get(last).change().flag(Instruction.CHECKED).build());
            return this;
        }

        /**
         * Copies bytes in.
         *
         * @param offset where they are to begin
         * @param bytes what
         * @return this
         */
        public Builder putBytes(long offset, byte[] bytes) {
            return add(place(Operation.PUT_BYTES, offset).a(bytes.length).data(bytes));
        }

        /**
         * Copies bytes out; they always come back.
         *
         * @param offset where they begin
         * @param length how many
         * @return this
         */
        public Builder getBytes(long offset, int length) {
            return add(place(Operation.GET_BYTES, offset).a(length));
        }

        /**
         * The checksum that {@link java.util.zip.CRC32} gives.
         *
         * @param offset where the bytes begin
         * @param length how many
         * @return this
         */
        public Builder crc32(long offset, long length) {
            Instruction.Builder instruction = place(Operation.CRC32, offset).a(length);
            return add(depth == 0 ? instruction.flag(Instruction.KEEP) : instruction);
        }

        /**
         * Waits until a comparison with 4 bytes holds, with acquire order.
         *
         * @param offset a multiple of 4
         * @param comparison between what is there and the given value
         * @param value the given value
         * @param max how long at most; then the script fails
         * @return this
         */
        public Builder awaitInt(long offset, Comparison comparison, int value, Duration max) {
            return await(offset, Integer.BYTES, comparison, value, max);
        }

        /**
         * Waits until a comparison with 8 bytes holds, with acquire order.
         *
         * @param offset a multiple of 8
         * @param comparison between what is there and the given value
         * @param value the given value
         * @param max how long at most; then the script fails
         * @return this
         */
        public Builder awaitLong(long offset, Comparison comparison, long value, Duration max) {
            return await(offset, Long.BYTES, comparison, value, max);
        }

        /**
         * Waits until a comparison holds, with acquire order; the value is what was there then.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param comparison between what is there and the given value
         * @param value the given value
         * @param max how long at most; then the script fails
         * @return this
         */
        public Builder await(long offset, int width, Comparison comparison, long value, Duration max) {
            return memory(waiting(offset, width, comparison, max).a(value));
        }

        /**
         * Waits until a comparison with a variable holds, with acquire order; the value is what was there then.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param comparison between what is there and the variable
         * @param value the variable
         * @param max how long at most; then the script fails
         * @return this
         */
        public Builder await(long offset, int width, Comparison comparison, Var value, Duration max) {
            return memory(from(waiting(offset, width, comparison, max), value));
        }

        private Instruction.Builder waiting(long offset, int width, Comparison comparison, Duration max) {
            return place(Operation.AWAIT, offset)
                    .width(width)
                    .order(MemoryOrder.ACQUIRE)
                    .comparison(comparison)
                    .b(max.toNanos());
        }

        /**
         * Ends the script as failed unless a comparison with the value of the last step that had one holds.
         *
         * @param comparison between that value and the given one, as numbers of 8 bytes
         * @param value the given one
         * @return this
         */
        public Builder check(Comparison comparison, long value) {
            return check(Long.BYTES, comparison, value);
        }

        /**
         * Ends the script as failed unless a comparison with the value of the last step that had one holds.
         *
         * @param width 1, 2, 4 or 8: how many bytes of both count
         * @param comparison between that value and the given one
         * @param value the given one
         * @return this
         */
        public Builder check(int width, Comparison comparison, long value) {
            return add(Instruction.builder(Operation.CHECK)
                    .width(width)
                    .comparison(comparison)
                    .a(value));
        }

        /**
         * Does steps only if a comparison with the value of the last step that had one holds.
         *
         * @param comparison between that value and the given one, as numbers of 8 bytes
         * @param value the given one
         * @param steps what to do then
         * @return this
         */
        public Builder when(Comparison comparison, long value, Consumer<Builder> steps) {
            return condition(looking(Operation.IF, comparison).a(value), steps);
        }

        /**
         * Does steps only if a comparison with a variable holds.
         *
         * @param variable the left side
         * @param comparison between the two, as numbers of 8 bytes
         * @param value the right side
         * @param steps what to do then
         * @return this
         */
        public Builder when(Var variable, Comparison comparison, long value, Consumer<Builder> steps) {
            return condition(
                    looking(Operation.IF, comparison).index(variable.number()).a(value), steps);
        }

        /**
         * Does steps only if a comparison between variables holds.
         *
         * @param variable the left side
         * @param comparison between the two, as numbers of 8 bytes
         * @param value the right side
         * @param steps what to do then
         * @return this
         */
        public Builder when(Var variable, Comparison comparison, Var value, Consumer<Builder> steps) {
            return condition(from(looking(Operation.IF, comparison).index(variable.number()), value), steps);
        }

        /**
         * Does steps if what the {@code when} before asked for did not hold.
         *
         * @param steps what to do instead
         * @return this
         */
        public Builder otherwise(Consumer<Builder> steps) {
            int end = instructions.size() - 1;
            if (end < 0 || end != endOfCondition) {
                throw new IllegalArgumentException("otherwise() must follow a when()");
            }
            instructions.remove(end);
            add(Instruction.builder(Operation.ELSE));
            return block(steps);
        }

        private static Instruction.Builder looking(Operation operation, Comparison comparison) {
            return Instruction.builder(operation).width(Long.BYTES).comparison(comparison);
        }

        private Builder condition(Instruction.Builder instruction, Consumer<Builder> steps) {
            add(instruction);
            block(steps);
            endOfCondition = instructions.size() - 1;
            return this;
        }

        /**
         * Ends the script as failed unless a comparison with a variable holds.
         *
         * @param variable the left side
         * @param comparison between the two, as numbers of 8 bytes
         * @param value the right side
         * @return this
         */
        public Builder check(Var variable, Comparison comparison, long value) {
            return add(looking(Operation.CHECK, comparison)
                    .index(variable.number())
                    .a(value));
        }

        /**
         * Does steps many times.
         *
         * @param times a variable that says how often
         * @param steps one round
         * @return this
         */
        public Builder repeat(Var times, Consumer<Builder> steps) {
            add(from(Instruction.builder(Operation.LOOP), times));
            return block(steps);
        }

        /**
         * Does steps many times.
         *
         * @param times how often; 0 is allowed
         * @param steps one round
         * @return this
         */
        public Builder repeat(long times, Consumer<Builder> steps) {
            if (times < 0) {
                throw new IllegalArgumentException("cannot repeat " + times + " times");
            }
            add(Instruction.builder(Operation.LOOP).a(times));
            return block(steps);
        }

        /**
         * Does steps until {@link #leave} or the end of the helper.
         *
         * @param steps one round
         * @return this
         */
        public Builder forever(Consumer<Builder> steps) {
            add(Instruction.builder(Operation.LOOP).a(-1L));
            return block(steps);
        }

        private Builder block(Consumer<Builder> steps) {
            depth++;
            steps.accept(this);
            depth--;
            endOfCondition = NO_STEP;
            return add(Instruction.builder(Operation.END));
        }

        /**
         * Leaves the innermost loop.
         *
         * @return this
         */
        public Builder leave() {
            return add(Instruction.builder(Operation.BREAK));
        }

        /**
         * A memory fence.
         *
         * @param order what it orders
         * @return this
         */
        public Builder fence(MemoryOrder order) {
            return add(Instruction.builder(Operation.FENCE).order(order));
        }

        /**
         * Sleeps.
         *
         * @param time how long
         * @return this
         */
        public Builder sleep(Duration time) {
            return add(Instruction.builder(Operation.SLEEP).a(time.toNanos()));
        }

        /**
         * Writes to the helper's standard error.
         *
         * @param text as it is, with no line end added
         * @return this
         */
        public Builder echo(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return add(Instruction.builder(Operation.ECHO).a(bytes.length).data(bytes));
        }

        /**
         * Counts one more arrival at a checkpoint, see {@link Checkpoints#reach}.
         *
         * @param checkpoint its name
         * @return this
         */
        public Builder reach(String checkpoint) {
            return add(Instruction.builder(Operation.REACH).data(names(checkpoint)));
        }

        /**
         * Waits until a checkpoint was reached so many times, see {@link Checkpoints#await}.
         *
         * @param checkpoint its name
         * @param count at least 1
         * @param max how long at most; then the script fails
         * @return this
         */
        public Builder awaitCheckpoint(String checkpoint, int count, Duration max) {
            return add(Instruction.builder(Operation.CHECKPOINT)
                    .a(count)
                    .b(max.toNanos())
                    .data(names(checkpoint)));
        }

        /**
         * Waits until a checkpoint was reached at least once, for {@code shmkit.timeout} at most.
         *
         * @param checkpoint its name
         * @return this
         */
        public Builder awaitCheckpoint(String checkpoint) {
            return add(Instruction.builder(Operation.CHECKPOINT)
                    .a(1)
                    .b(Instruction.BY_DEFAULT)
                    .data(names(checkpoint)));
        }

        /**
         * Waits until some helpers have come to a barrier, for {@code shmkit.timeout} at most.
         *
         * @param barrier its name
         * @param helpers their names; that of the helper that runs this must be among them
         * @return this
         */
        public Builder barrier(String barrier, String... helpers) {
            return barrier(barrier, Arrays.stream(helpers).map(Party::helper).toArray(Party[]::new));
        }

        /**
         * Waits until all parties have come to a barrier, for {@code shmkit.timeout} at most.
         *
         * @param barrier its name
         * @param parties who has to come; the helper that runs this must be among them, by {@link Party#SELF} or its name
         * @return this
         */
        public Builder barrier(String barrier, Party... parties) {
            List<String> all = new ArrayList<>(List.of(barrier));
            for (Party party : parties) {
                all.add(party.name());
            }
            return add(Instruction.builder(Operation.BARRIER)
                    .b(Instruction.BY_DEFAULT)
                    .data(names(all.toArray(String[]::new))));
        }

        private static byte[] names(String... names) {
            return String.join("\0", names).getBytes(StandardCharsets.UTF_8);
        }

        /**
         * Ends the helper by _exit(2).
         *
         * @param code 0 to 255
         * @return this
         */
        public Builder exit(int code) {
            if (code < 0 || code > 255) {
                throw new IllegalArgumentException("exit codes are 0 to 255, not " + code);
            }
            return add(Instruction.builder(Operation.EXIT).a(code));
        }

        /**
         * Ends the helper by a signal that it sends to itself, at exactly this step.
         *
         * @param signal one that ends a process by default
         * @return this
         */
        public Builder die(Signal signal) {
            return add(Instruction.builder(Operation.DIE).a(signal.number()));
        }
    }
}
