package io.github.shmkit.internal.script;

import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.syscall.Operand;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** How an instruction reads in reports. */
final class InstructionText {
    private static final int LONGEST_TEXT = 256;

    private final Instruction step;

    private InstructionText(Instruction step) {
        this.step = step;
    }

    static String of(Instruction step) {
        return new InstructionText(step).text();
    }

    private String text() {
        if (step.operation() == Operation.CALL) {
            return step.function().function()
                    + step.arguments().stream()
                            .map(InstructionText::describe)
                            .collect(Collectors.joining(", ", "(", ")"));
        }
        StringBuilder text = new StringBuilder(step.operation().name());
        if (step.width() != 0) {
            text.append(' ').append(step.width()).append(step.width() == 1 ? " byte" : " bytes");
        }
        switch (step.operation()) {
            case GET, PUT, ADD, XCHG, AND, OR, XOR, CAS, FILL, PUT_BYTES, GET_BYTES, COPY, CRC32, AWAIT ->
                text.append(" at ").append(place());
            default -> {}
        }
        switch (step.operation()) {
            case PUT, ADD, XCHG, AND, OR, XOR, SET -> text.append(", ").append(operandA());
            case CAS -> text.append(", ").append(operandA()).append(" -> ").append(operandB());
            case AWAIT ->
                text.append(' ').append(step.comparison().sign()).append(' ').append(operandA());
            case CHECK, IF -> {
                if (step.index() != 0) {
                    text.append(" var ").append(step.index());
                }
                text.append(' ').append(step.comparison().sign()).append(' ').append(operandA());
            }
            case ALU ->
                text.append(" var ")
                        .append(step.index())
                        .append(' ')
                        .append(step.arithmetic())
                        .append(' ')
                        .append(operandA());
            case LOOP, EXIT, DIE, SLEEP, FILL, PUT_BYTES, GET_BYTES, COPY, CRC32 ->
                text.append(' ').append(isRegister(Instruction.A_FROM_REGISTER) ? operandA() : unsigned(step.a()));
            case REACH, CHECKPOINT, BARRIER -> describeNames(text);
            default -> {}
        }
        if (step.order() != MemoryOrder.OPAQUE) {
            text.append(", ").append(step.order());
        }
        return text.toString();
    }

    private static String unsigned(long value) {
        return Long.toUnsignedString(value);
    }

    private boolean isRegister(int flag) {
        return (step.flags() & flag) != 0;
    }

    private void describeNames(StringBuilder text) {
        List<String> all = new ArrayList<>(step.names());
        text.append(" '").append(all.get(0)).append('\'');
        if (step.operation() == Operation.BARRIER) {
            all.replaceAll(name -> name.isEmpty() ? "SELF" : name);
            text.append(" for ").append(String.join(", ", all.subList(1, all.size())));
        } else if (step.operation() == Operation.CHECKPOINT && step.a() != 1) {
            text.append(", ").append(step.a()).append(" times");
        }
    }

    private String operandA() {
        return isRegister(Instruction.A_FROM_REGISTER) ? "var " + step.a() : Long.toString(step.a());
    }

    private String operandB() {
        return isRegister(Instruction.B_FROM_REGISTER) ? "var " + step.b() : Long.toString(step.b());
    }

    private static String describe(Operand operand) {
        if (operand instanceof Operand.Constant n) {
            return Long.toString(n.value());
        }
        if (operand instanceof Operand.Var v) {
            return v.toString();
        }
        if (operand instanceof Operand.Place p) {
            return "&" + (p.label().equals(Instruction.FIRST_SEGMENT) ? "segment" : "'" + p.label() + "'") + "+"
                    + p.offset();
        }
        if (operand instanceof Operand.Input i) {
            byte[] content = i.content().toArray();
            int end = content.length - 1;
            boolean text = end >= 0 && content[end] == 0 && end <= LONGEST_TEXT;
            return text
                    ? '"' + new String(content, 0, end, StandardCharsets.UTF_8) + '"'
                    : i.content().toString();
        }
        return "room for " + ((Operand.Room) operand).size();
    }

    private String place() {
        boolean first = step.segment().equals(Instruction.FIRST_SEGMENT);
        if (step.raw() || step.index() != 0) {
            return (step.raw() ? "address " : first ? "offset " : "'" + step.segment() + "'+")
                    + (step.index() == 0
                            ? "0x" + Long.toHexString(step.offset())
                            : "var " + step.index() + "+" + step.offset());
        }
        return first ? "offset " + step.offset() : "'" + step.segment() + "'+" + step.offset();
    }
}
