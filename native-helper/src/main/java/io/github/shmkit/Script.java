package io.github.shmkit;

import io.github.shmkit.Instruction.Operation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a native helper is to do, as a whole and at native speed.
 *
 * <pre>{@code
 * Script publish = Script.of(b -> b.putLong(8, 42).putLong(0, 1, MemoryOrder.RELEASE));
 * Script count = Script.of(b -> b.repeat(1_000_000, r -> r.addLong(0, 1)));
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
     * The steps, in order.
     *
     * @return an immutable list
     */
    public List<Instruction> instructions() {
        return instructions;
    }

    /**
     * The names that {@link Builder#keep} gave to values.
     *
     * @return by the index of the instruction
     */
    public Map<Integer, String> names() {
        return names;
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
        private String segment = Instruction.FIRST_SEGMENT;
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
            Instruction.Builder instruction = Instruction.builder(operation)
                    .at(segment, offset)
                    .width(width)
                    .order(order)
                    .a(a)
                    .b(b);
            if (operation != Operation.PUT && depth == 0) {
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
            String outer = segment;
            segment = label;
            try {
                steps.accept(this);
            } finally {
                segment = outer;
            }
            return this;
        }

        /**
         * Loads a number.
         *
         * @param offset a multiple of the width
         * @param width 1, 2, 4 or 8 bytes
         * @param order RELAXED, ACQUIRE or SEQ_CST
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
         * @param order RELAXED, RELEASE or SEQ_CST
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
        public Builder add(long offset, int width, long delta, MemoryOrder order) {
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
        public Builder exchange(long offset, int width, long value, MemoryOrder order) {
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
        public Builder cas(long offset, int width, long expected, long value, MemoryOrder order) {
            return memory(Operation.CAS, offset, width, order, expected, value);
        }

        /**
         * Loads 4 bytes with relaxed order.
         *
         * @param offset a multiple of 4
         * @return this
         */
        public Builder getInt(long offset) {
            return get(offset, Integer.BYTES, MemoryOrder.RELAXED);
        }

        /**
         * Loads 8 bytes with relaxed order.
         *
         * @param offset a multiple of 8
         * @return this
         */
        public Builder getLong(long offset) {
            return get(offset, Long.BYTES, MemoryOrder.RELAXED);
        }

        /**
         * Loads 8 bytes.
         *
         * @param offset a multiple of 8
         * @param order RELAXED, ACQUIRE or SEQ_CST
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
            return put(offset, Byte.BYTES, value, MemoryOrder.RELAXED);
        }

        /**
         * Stores 4 bytes with relaxed order.
         *
         * @param offset a multiple of 4
         * @param value what
         * @return this
         */
        public Builder putInt(long offset, int value) {
            return put(offset, Integer.BYTES, value, MemoryOrder.RELAXED);
        }

        /**
         * Stores 4 bytes.
         *
         * @param offset a multiple of 4
         * @param value what
         * @param order RELAXED, RELEASE or SEQ_CST
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
            return put(offset, Long.BYTES, value, MemoryOrder.RELAXED);
        }

        /**
         * Stores 8 bytes.
         *
         * @param offset a multiple of 8
         * @param value what
         * @param order RELAXED, RELEASE or SEQ_CST
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
        public Builder addInt(long offset, int delta) {
            return add(offset, Integer.BYTES, delta, MemoryOrder.SEQ_CST);
        }

        /**
         * Adds to 8 bytes as one atomic step, with sequentially consistent order.
         *
         * @param offset a multiple of 8
         * @param delta what to add
         * @return this
         */
        public Builder addLong(long offset, long delta) {
            return add(offset, Long.BYTES, delta, MemoryOrder.SEQ_CST);
        }

        /**
         * Replaces 4 bytes if they hold what was expected, with sequentially consistent order.
         *
         * @param offset a multiple of 4
         * @param expected the value that must be there
         * @param value the value to put there
         * @return this
         */
        public Builder casInt(long offset, int expected, int value) {
            return cas(offset, Integer.BYTES, expected, value, MemoryOrder.SEQ_CST);
        }

        /**
         * Replaces 8 bytes if they hold what was expected, with sequentially consistent order.
         *
         * @param offset a multiple of 8
         * @param expected the value that must be there
         * @param value the value to put there
         * @return this
         */
        public Builder casLong(long offset, long expected, long value) {
            return cas(offset, Long.BYTES, expected, value, MemoryOrder.SEQ_CST);
        }

        /**
         * Has the value of the step before come back, under a name; inside a loop once for each round.
         *
         * @param name for {@link ScriptResult#value(String)}; a loop's last round wins
         * @return this
         */
        public Builder keep(String name) {
            int last = instructions.size() - 1;
            if (last < 0 || !hasValue(instructions.get(last).operation())) {
                throw new IllegalArgumentException(
                        "keep(\"" + name + "\") must follow a step that has a value, such as getLong or casLong");
            }
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
            return add(Instruction.builder(Operation.FILL)
                    .at(segment, offset)
                    .a(length)
                    .b(value & 0xff));
        }

        /**
         * Copies bytes in.
         *
         * @param offset where they are to begin
         * @param bytes what
         * @return this
         */
        public Builder putBytes(long offset, byte[] bytes) {
            return add(Instruction.builder(Operation.PUT_BYTES)
                    .at(segment, offset)
                    .a(bytes.length)
                    .data(bytes));
        }

        /**
         * Copies bytes out; they always come back.
         *
         * @param offset where they begin
         * @param length how many
         * @return this
         */
        public Builder getBytes(long offset, int length) {
            return add(
                    Instruction.builder(Operation.GET_BYTES).at(segment, offset).a(length));
        }

        /**
         * The checksum that {@link java.util.zip.CRC32} gives.
         *
         * @param offset where the bytes begin
         * @param length how many
         * @return this
         */
        public Builder crc32(long offset, long length) {
            Instruction.Builder instruction =
                    Instruction.builder(Operation.CRC32).at(segment, offset).a(length);
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
            Instruction.Builder instruction = Instruction.builder(Operation.AWAIT)
                    .at(segment, offset)
                    .width(width)
                    .order(MemoryOrder.ACQUIRE)
                    .comparison(comparison)
                    .a(value)
                    .b(max.toNanos());
            return add(depth == 0 ? instruction.flag(Instruction.KEEP) : instruction);
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
            add(Instruction.builder(Operation.IF)
                    .width(Long.BYTES)
                    .comparison(comparison)
                    .a(value));
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
