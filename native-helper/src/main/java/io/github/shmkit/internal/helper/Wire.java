package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.script.Operation;
import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.ScriptResult.Status;
import io.github.shmkit.syscall.LibcCall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The messages between this JVM and a native helper; PROTOCOL.md explains them, proto.h has the same numbers. */
final class Wire {
    static final int MAGIC = 0x4b4d4853;
    static final int VERSION = 1;
    static final int MAX_BODY = 4194304;
    static final int MAX_NAME = 255;

    static final int TYPE_HELLO = 1;
    static final int TYPE_RUN = 2;
    static final int TYPE_REPLY = 3;
    static final int TYPE_FAULT = 4;
    static final int TYPE_CHILD_EXIT = 5;
    static final int TYPE_ACCESS = 6;

    static final int HELLO_SIZE = 16;
    static final int RUN_SIZE = 16;
    static final int ACCESS_SIZE = 40;
    static final int REPLY_SIZE = 48;
    static final int RESULT_SIZE = 24;
    static final int INSN_SIZE = 32;
    static final int ARG_SIZE = 16;
    static final int LENGTH_SIZE = 4;

    static final int MAX_INSNS = 65536;
    static final int MAX_RESULTS = 65536;
    static final int MAX_REPLY_BYTES = 2097152;
    static final int MAX_DEPTH = 16;
    static final int SLOTS = 64;
    /** Where the page with the checkpoints is attached, when a script needs it. */
    static final int CONTROL_SLOT = SLOTS - 1;

    static final int SEG_RAW = 255;

    static final int FLAG_KEEP = 1;
    static final int FLAG_READONLY = 16;
    static final int METHOD_PATH = 0;
    static final int METHOD_SHMID = 1;
    static final int ARG_IMM = 0;
    static final int ARG_REG = 1;
    static final int ARG_SEG = 2;
    static final int ARG_DATA = 3;
    static final int ARG_OUT = 4;

    static final Numbers<Operation> OPERATIONS = new Numbers<>(Operation.class);
    static final Numbers<MemoryOrder> ORDERS = new Numbers<>(MemoryOrder.class);
    static final Numbers<Comparison> COMPARISONS = new Numbers<>(Comparison.class);
    /** The protocol counts them from 1. */
    static final Numbers<LibcCall> CALLS = new Numbers<>(LibcCall.class);

    static final Numbers<Arithmetic> ARITHMETIC = new Numbers<>(Arithmetic.class);
    static final Numbers<Status> STATUSES = new Numbers<>(Status.class);

    /** What a helper may say. */
    sealed interface Message permits Hello, Reply, Fault, ChildExit {}

    /** The answer to our greeting. */
    record Hello(int version, int pid) implements Message {}

    /** The end of a request. */
    record Reply(
            int id,
            Status status,
            int last,
            int errno,
            List<Long> rounds,
            long iterations,
            long lastValue,
            List<Result> results,
            ByteBuffer bytes)
            implements Message {}

    /** A value that a request kept. */
    record Result(int instruction, int errno, long value, long extra) {}

    /** The last words of a helper that touched memory which is not there. */
    record Fault(int id, int instruction, int signal, int code, long address) implements Message {}

    /** A child that a helper forked has ended. */
    record ChildExit(int pid, int status) implements Message {}

    private Wire() {}

    static ByteBuffer message(int bodySize) {
        return ByteBuffer.allocate(LENGTH_SIZE + bodySize)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bodySize);
    }

    /** What was put into a message, which is full. */
    static byte[] bytes(ByteBuffer message) {
        byte[] bytes = new byte[message.capacity()];
        message.flip().get(bytes);
        return bytes;
    }

    static byte[] hello(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_NAME);
        return message(HELLO_SIZE + length)
                .putInt(TYPE_HELLO)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putInt(length)
                .put(bytes, 0, length)
                .array();
    }

    /** Decodes a body; anything that a helper of this version cannot have sent is an IllegalArgumentException. */
    static Message decode(ByteBuffer body) {
        ByteBuffer in = body.order(ByteOrder.LITTLE_ENDIAN);
        int size = in.remaining();
        int type = in.getInt();
        if (type == TYPE_HELLO && size == HELLO_SIZE && in.getInt() == MAGIC) {
            return new Hello(in.getInt(), in.getInt());
        }
        if (type == TYPE_REPLY && size >= REPLY_SIZE) {
            return decodeReply(in);
        }
        if (type == TYPE_FAULT && size == 32) {
            int id = in.getInt();
            int instruction = in.getInt();
            int signal = in.getInt();
            int code = in.getInt();
            return new Fault(id, instruction, signal, code, in.getLong(24));
        }
        if (type == TYPE_CHILD_EXIT && size == 16) {
            return new ChildExit(in.getInt(), in.getInt());
        }
        throw new IllegalArgumentException("type " + type + " of " + size + " bytes");
    }

    private static Reply decodeReply(ByteBuffer in) {
        int id = in.getInt();
        Status status = STATUSES.constant(in.getInt());
        int last = in.getInt();
        int errno = in.getInt();
        int depth = in.getInt();
        long iterations = in.getLong();
        long lastValue = in.getLong();
        int resultCount = in.getInt();
        int byteCount = in.getInt();
        if (depth < 0
                || depth > MAX_DEPTH
                || resultCount < 0
                || resultCount > MAX_RESULTS
                || byteCount < 0
                || in.remaining() != depth * Long.BYTES + resultCount * RESULT_SIZE + byteCount) {
            throw new IllegalArgumentException("reply with status " + status + ", " + depth + " loops, " + resultCount
                    + " results and " + byteCount + " bytes");
        }
        List<Long> rounds = new ArrayList<>(depth);
        for (int i = 0; i < depth; i++) {
            rounds.add(in.getLong());
        }
        List<Result> results = new ArrayList<>(resultCount);
        for (int i = 0; i < resultCount; i++) {
            results.add(new Result(in.getInt(), in.getInt(), in.getLong(), in.getLong()));
        }
        return new Reply(id, status, last, errno, rounds, iterations, lastValue, results, in.slice());
    }
}
