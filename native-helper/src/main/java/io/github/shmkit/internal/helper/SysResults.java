package io.github.shmkit.internal.helper;

import io.github.shmkit.Bytes;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.script.ScriptResult.Value;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.SysResult;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Results of calls, without what a function has not written: all room that it was given comes back. */
final class SysResults {
    private SysResults() {}

    static SysResult of(LibcCall function, List<Operand> arguments, Value value) {
        if (!value.errno().isEmpty()) {
            return new SysResult(function, value.value(), value.errno(), Bytes.NONE, 0);
        }
        byte[] all = value.bytes().toArray();
        int room = arguments.stream()
                .filter(Operand.Room.class::isInstance)
                .mapToInt(argument -> ((Operand.Room) argument).size())
                .findFirst()
                .orElse(0);
        long written = switch (function) {
            case READ, PREAD, MQ_RECEIVE, MSGRCV, CONFSTR -> value.value();
            case MINCORE -> pages(arguments.get(1), room);
            default -> all.length;
        };
        boolean isMessage = function == LibcCall.MQ_RECEIVE || function == LibcCall.MSGRCV;
        long priority = isMessage && all.length >= room + Long.BYTES
                ? ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong(room)
                : 0;
        int length = (int) Math.min(written, isMessage ? room : all.length);
        return new SysResult(
                function, value.value(), "", new Bytes(Arrays.copyOf(all, Math.min(length, all.length))), priority);
    }

    private static long pages(Operand length, int room) {
        return length instanceof Operand.Constant bytes ? (bytes.value() + Os.pageSize() - 1) / Os.pageSize() : room;
    }
}
