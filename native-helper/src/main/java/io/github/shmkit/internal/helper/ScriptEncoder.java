package io.github.shmkit.internal.helper;

import io.github.shmkit.Party;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.internal.script.Operation;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.syscall.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Checks instructions against the segments of the helper that is to run them, and makes a request of them.
 *
 * <p>The helper checks all of it once more; here is where the message can name the segment.
 */
final class ScriptEncoder {
    /** A segment that a helper has attached. */
    record Slot(int number, String label, long size) {}

    private static final int CHECKPOINT_HEAD = 16;
    private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

    private final Collection<Slot> slots;
    private final String helper;
    private final Duration byDefault;

    /**
     * For one helper.
     *
     * @param byDefault the limit of waits that name none
     */
    ScriptEncoder(String helper, Collection<Slot> slots, Duration byDefault) {
        this.helper = helper;
        this.slots = slots;
        this.byDefault = byDefault;
    }

    byte[] encode(int id, List<Instruction> instructions) {
        long dataSize = instructions.stream().mapToLong(this::dataSize).sum();
        long size = Wire.RUN_SIZE + (long) instructions.size() * Wire.INSN_SIZE + dataSize;
        if (size > Wire.MAX_BODY || instructions.size() > Wire.MAX_INSNS) {
            throw new IllegalArgumentException("a script of " + instructions.size() + " steps and " + dataSize
                    + " bytes of data is too long: at most " + Wire.MAX_INSNS + " steps and " + Wire.MAX_BODY
                    + " bytes in all; split it");
        }
        ByteBuffer out = Wire.message((int) size)
                .putInt(Wire.TYPE_RUN)
                .putInt(id)
                .putInt(instructions.size())
                .putInt((int) dataSize);
        ByteBuffer data = ByteBuffer.allocate((int) dataSize).order(ByteOrder.LITTLE_ENDIAN);
        int depth = 0;
        for (Instruction instruction : instructions) {
            depth = checkDepth(instruction, depth);
            encode(out, instruction, data);
        }
        return Wire.bytes(out.put(data.flip()));
    }

    /** A single access to memory. */
    byte[] access(int id, Instruction access) {
        ByteBuffer out = Wire.message(Wire.ACCESS_SIZE).putInt(Wire.TYPE_ACCESS).putInt(id);
        encode(out, access, NO_DATA);
        return Wire.bytes(out);
    }

    private long dataSize(Instruction in) {
        long size = wireData(in).length + (long) in.arguments().size() * Wire.ARG_SIZE;
        for (Operand argument : in.arguments()) {
            if (argument instanceof Operand.Input input) {
                size += input.content().toArray().length;
            }
        }
        return size;
    }

    private static int checkDepth(Instruction instruction, int depth) {
        int now = switch (instruction.operation()) {
            case LOOP, IF -> depth + 1;
            case END -> depth - 1;
            default -> depth;
        };
        if (now > Wire.MAX_DEPTH) {
            throw new IllegalArgumentException("loops and conditions are nested deeper than " + Wire.MAX_DEPTH);
        }
        return now;
    }

    private void encode(ByteBuffer out, Instruction in, ByteBuffer data) {
        long offset = in.offset();
        long a = in.a();
        long b = in.b();
        int slot = 0;
        byte comparison = Wire.COMPARISONS.of(in.comparison());
        if (usesMemory(in.operation())) {
            slot = check(in);
        } else if (in.operation() == Operation.DETACH) {
            slot = slot(in.segment()).number();
        }
        if (in.operation() == Operation.PUT_BYTES || in.operation() == Operation.ECHO) {
            b = data.position();
            data.put(in.data());
        } else if (isCheckpoint(in.operation())) {
            slot = Wire.CONTROL_SLOT;
            byte[] bytes = wireData(in);
            a = bytes.length;
            b = data.position();
            data.put(bytes);
        } else if (in.operation() == Operation.COPY) {
            comparison = (byte) checkSource(in).number();
        } else if (in.operation() == Operation.ALU) {
            comparison = Wire.ARITHMETIC.of(in.arithmetic());
        } else if (in.operation() == Operation.CALL) {
            offset = data.position();
            a = Wire.CALLS.of(in.function()) + 1L;
            b = in.arguments().size();
            encodeArguments(in, data);
        }
        out.put(Wire.OPERATIONS.of(in.operation()));
        out.put((byte) in.width());
        out.put(Wire.ORDERS.of(in.order()));
        out.put(comparison);
        out.put((byte) in.flags());
        out.put((byte) in.target());
        out.put((byte) in.index());
        out.put((byte) slot);
        out.putLong(offset).putLong(a).putLong(b);
    }

    /** First all arguments, behind them the bytes that some of them mean. */
    private void encodeArguments(Instruction in, ByteBuffer data) {
        int bytesAt = data.position() + in.arguments().size() * Wire.ARG_SIZE;
        for (int i = 0; i < in.arguments().size(); i++) {
            Operand argument = in.arguments().get(i);
            char letter = in.function().signature().charAt(i);
            checkKind(in, i, letter, argument);
            int kind;
            int slot = 0;
            int length = 0;
            long value = 0;
            if (argument instanceof Operand.Constant n) {
                kind = Wire.ARG_IMM;
                value = n.value();
            } else if (argument instanceof Operand.Var v) {
                kind = Wire.ARG_REG;
                value = v.number();
            } else if (argument instanceof Operand.Place place) {
                kind = Wire.ARG_SEG;
                Slot segment = slot(place.label());
                if (place.offset() < 0 || place.offset() > segment.size()) {
                    throw outOfRange(place.offset(), 0, segment);
                }
                slot = segment.number();
                value = place.offset();
            } else if (argument instanceof Operand.Input input) {
                kind = Wire.ARG_DATA;
                byte[] bytes = input.content().toArray();
                length = bytes.length;
                value = bytesAt;
                data.duplicate().position(bytesAt).put(bytes);
                bytesAt += length;
            } else {
                kind = Wire.ARG_OUT;
                length = ((Operand.Room) argument).size();
            }
            data.put((byte) kind)
                    .put((byte) slot)
                    .putShort((short) 0)
                    .putInt(length)
                    .putLong(value);
        }
        data.position(bytesAt);
    }

    private static void checkKind(Instruction in, int number, char letter, Operand argument) {
        boolean isNumber = argument instanceof Operand.Constant || argument instanceof Operand.Var;
        String wanted = switch (letter) {
            case 'i', 'n' -> isNumber ? "" : "a number";
            case 's' -> argument instanceof Operand.Room ? "a string" : "";
            default -> "";
        };
        if (!wanted.isEmpty()) {
            throw new IllegalArgumentException(in + ": argument " + (number + 1) + " is " + wanted);
        }
    }

    private Slot checkSource(Instruction in) {
        Slot slot = slot(in.source());
        if (in.b() < 0 || in.b() > slot.size() || in.a() > slot.size() - in.b()) {
            throw outOfRange(in.b(), in.a(), slot);
        }
        return slot;
    }

    private static IllegalArgumentException outOfRange(long offset, long length, Slot slot) {
        return new IllegalArgumentException("offset " + offset + " and " + length + " bytes are not within segment '"
                + slot.label() + "' of " + slot.size() + " bytes");
    }

    static boolean isCheckpoint(Operation operation) {
        return operation == Operation.REACH || operation == Operation.CHECKPOINT || operation == Operation.BARRIER;
    }

    /** The bytes that go with an instruction; those of checkpoints have a head, and barriers the helper's own name. */
    private byte[] wireData(Instruction in) {
        if (!isCheckpoint(in.operation())) {
            return in.data();
        }
        List<String> names = new ArrayList<>(in.names());
        ControlPage.bytes("checkpoint", names.get(0));
        if (in.operation() == Operation.BARRIER) {
            names.replaceAll(n -> n.equals(Party.SELF.name()) ? helper : n);
            List<String> parties = names.subList(1, names.size());
            parties.forEach(p -> ControlPage.bytes("party of barrier '" + names.get(0) + "'", p));
            if (!parties.contains(helper) || parties.size() > ControlPage.PARTIES) {
                throw new IllegalArgumentException("barrier '" + names.get(0) + "' is for " + parties + ": helper '"
                        + helper + "', which waits at it, must be among them, and there can be at most "
                        + ControlPage.PARTIES);
            }
            names.add(1, helper);
        }
        byte[] text = (String.join("\0", names) + "\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(CHECKPOINT_HEAD + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(in.b() == Instruction.BY_DEFAULT ? byDefault.toNanos() : in.b())
                .putInt((int) in.a())
                .putInt(names.size() - 1)
                .put(text)
                .array();
    }

    private static boolean usesMemory(Operation operation) {
        return switch (operation) {
            case GET, PUT, ADD, XCHG, AND, OR, XOR, CAS, FILL, PUT_BYTES, GET_BYTES, COPY, CRC32, AWAIT -> true;
            default -> false;
        };
    }

    Slot slot(String label) {
        if (slots.isEmpty()) {
            throw new IllegalArgumentException("helper '" + helper + "' has no segment attached; attach(segment) one");
        }
        for (Slot slot : slots) {
            if (label.equals(Instruction.FIRST_SEGMENT) || slot.label().equals(label)) {
                return slot;
            }
        }
        throw new IllegalArgumentException("helper '" + helper + "' has no segment '" + label + "' attached, only "
                + slots.stream().map(s -> "'" + s.label() + "'").collect(Collectors.joining(", ")));
    }

    /** The number of its slot, if what can be checked before it runs is right. */
    private int check(Instruction in) {
        boolean single = in.width() != 0;
        if (single && (Integer.bitCount(in.width()) != 1 || in.width() < 0 || in.width() > Long.BYTES)) {
            throw new IllegalArgumentException("an access has a width of 1, 2, 4 or 8 bytes, not " + in.width());
        }
        checkOrder(in);
        if (in.raw()) {
            if (single && in.index() == 0 && in.offset() % in.width() != 0) {
                throw new IllegalArgumentException("address 0x" + Long.toHexString(in.offset())
                        + " is not a multiple of " + in.width() + ", as an access of " + in.width()
                        + " bytes by a helper needs");
            }
            return Wire.SEG_RAW;
        }
        Slot slot = slot(in.segment());
        if (in.index() != 0) {
            return slot.number();
        }
        long length = single ? in.width() : in.a();
        if (length < 0 || in.offset() < 0 || in.offset() > slot.size() || length > slot.size() - in.offset()) {
            throw outOfRange(in.offset(), length, slot);
        }
        if (single && in.offset() % in.width() != 0) {
            throw new IllegalArgumentException("offset " + in.offset() + " in segment '" + slot.label()
                    + "' of " + slot.size() + " bytes is not a multiple of " + in.width()
                    + ", as an access of " + in.width() + " bytes by a helper needs");
        }
        return slot.number();
    }

    private static void checkOrder(Instruction in) {
        MemoryOrder order = in.order();
        if (in.operation() == Operation.GET && (order == MemoryOrder.RELEASE || order == MemoryOrder.ACQUIRE_RELEASE)) {
            throw new IllegalArgumentException("a load has OPAQUE, ACQUIRE or VOLATILE order, not " + order);
        }
        if (in.operation() == Operation.PUT && (order == MemoryOrder.ACQUIRE || order == MemoryOrder.ACQUIRE_RELEASE)) {
            throw new IllegalArgumentException("a store has OPAQUE, RELEASE or VOLATILE order, not " + order);
        }
    }
}
