package io.github.shmkit.internal.helper;

import io.github.shmkit.Instruction;
import io.github.shmkit.Instruction.Operation;
import io.github.shmkit.MemoryOrder;
import java.nio.ByteBuffer;
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

    private final Collection<Slot> slots;
    private final String helper;

    ScriptEncoder(String helper, Collection<Slot> slots) {
        this.helper = helper;
        this.slots = slots;
    }

    byte[] encode(int id, List<Instruction> instructions) {
        long dataSize = instructions.stream().mapToLong(i -> i.data().length).sum();
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
        ByteBuffer data = ByteBuffer.allocate((int) dataSize);
        int depth = 0;
        for (Instruction instruction : instructions) {
            depth = checkDepth(instruction, depth);
            encode(out, instruction, data);
        }
        byte[] message = new byte[out.capacity()];
        out.put(data.flip()).flip().get(message);
        return message;
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
        long b = in.b();
        int slot = 0;
        if (usesMemory(in.operation())) {
            slot = check(in).number();
        } else if (in.operation() == Operation.DETACH) {
            slot = slot(in.segment()).number();
        }
        if (in.operation() == Operation.PUT_BYTES || in.operation() == Operation.ECHO) {
            b = data.position();
            data.put(in.data());
        }
        out.put(Wire.OPERATIONS.of(in.operation()));
        out.put((byte) in.width());
        out.put(Wire.ORDERS.of(in.order()));
        out.put(Wire.COMPARISONS.of(in.comparison()));
        out.put((byte) in.flags());
        out.put((byte) in.target());
        out.put((byte) in.index());
        out.put((byte) slot);
        out.putLong(in.offset()).putLong(in.a()).putLong(b);
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

    private Slot check(Instruction in) {
        Slot slot = slot(in.segment());
        boolean single = in.width() != 0;
        long length = single ? in.width() : in.a();
        if (single && (Integer.bitCount(in.width()) != 1 || in.width() < 0 || in.width() > Long.BYTES)) {
            throw new IllegalArgumentException("an access has a width of 1, 2, 4 or 8 bytes, not " + in.width());
        }
        if (length < 0 || in.offset() < 0 || in.offset() > slot.size() || length > slot.size() - in.offset()) {
            throw new IllegalArgumentException("offset " + in.offset() + " and " + length
                    + " bytes are not within segment '" + slot.label() + "' of " + slot.size() + " bytes");
        }
        if (single && in.offset() % in.width() != 0) {
            throw new IllegalArgumentException("offset " + in.offset() + " in segment '" + slot.label()
                    + "' of " + slot.size() + " bytes is not a multiple of " + in.width()
                    + ", as an access of " + in.width() + " bytes by a helper needs");
        }
        checkOrder(in);
        return slot;
    }

    private static void checkOrder(Instruction in) {
        MemoryOrder order = in.order();
        if (in.operation() == Operation.GET && (order == MemoryOrder.RELEASE || order == MemoryOrder.ACQ_REL)) {
            throw new IllegalArgumentException("a load has RELAXED, ACQUIRE or SEQ_CST order, not " + order);
        }
        if (in.operation() == Operation.PUT && (order == MemoryOrder.ACQUIRE || order == MemoryOrder.ACQ_REL)) {
            throw new IllegalArgumentException("a store has RELAXED, RELEASE or SEQ_CST order, not " + order);
        }
    }
}
