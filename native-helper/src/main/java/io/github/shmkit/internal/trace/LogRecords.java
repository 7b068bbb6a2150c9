package io.github.shmkit.internal.trace;

import io.github.shmkit.trace.Access.Change;
import io.github.shmkit.trace.Access.Kind;
import io.github.shmkit.trace.Access.Value;
import io.github.shmkit.trace.PendingAccess.Range;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Reads the records of a tracer's log, perhaps in several parts; PROTOCOL.md has their format. */
final class LogRecords {
    private static final int HEAD = 8;
    private static final int ALIGNMENT = 8;
    private static final int NO_MODULE = -1;
    private static final int TOUCH_STORES = 2;

    private static final int SEGMENT = 1;
    private static final int MODULE = 2;
    private static final int STORE = 3;
    private static final int CALL = 4;
    private static final int KILL = 5;
    private static final int EXIT = 6;
    private static final int REFUSED = 7;
    private static final int WINDOW = 8;
    private static final int LOAD = 9;
    private static final int TURN = 10;

    private final List<String> labels;
    private final Map<Integer, String> modules = new HashMap<>();

    /**
     * Has read nothing.
     *
     * @param labels of the segments, in the order in which the tracer was told of them
     */
    LogRecords(List<String> labels) {
        this.labels = labels;
    }

    /** Reads whole records. */
    void read(ByteBuffer bytes, Consumer<LogRecord> consumer) {
        while (bytes.hasRemaining()) {
            int at = bytes.position();
            int size = bytes.getInt(at);
            ByteBuffer body = bytes.slice(at + HEAD, size - HEAD).order(ByteOrder.nativeOrder());
            read(bytes.getInt(at + Integer.BYTES), body, consumer);
            bytes.position(at + aligned(size));
        }
    }

    private static int aligned(int size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }

    private void read(int type, ByteBuffer body, Consumer<LogRecord> consumer) {
        switch (type) {
            case SEGMENT ->
                consumer.accept(new LogRecord.Content(new Value(label((int) body.getLong()), 0, rest(body))));
            case MODULE -> modules.put((int) body.getLong(), text(body));
            case STORE, CALL, LOAD, TURN -> consumer.accept(access(type, body));
            case KILL -> consumer.accept(new LogRecord.Killed(body.getInt()));
            case EXIT -> consumer.accept(new LogRecord.Ended(body.getInt(), body.getInt()));
            case REFUSED -> {
                body.getInt();
                consumer.accept(new LogRecord.Refused(body.getInt() != 0, text(body)));
            }
            case WINDOW -> {
                body.getInt();
                consumer.accept(new LogRecord.Window(body.getInt() != 0));
            }
            default -> throw new IllegalStateException("a tracer's log has no records of type " + type);
        }
    }

    /** While a program starts nobody asks for labels. */
    private String label(int number) {
        return number < labels.size() ? labels.get(number) : "segment " + number;
    }

    private static byte[] rest(ByteBuffer body) {
        byte[] rest = new byte[body.remaining()];
        body.get(rest);
        return rest;
    }

    private static String text(ByteBuffer body) {
        return new String(rest(body), StandardCharsets.UTF_8);
    }

    private LogRecord access(int type, ByteBuffer body) {
        long point = body.getLong();
        int pid = body.getInt();
        int tid = body.getInt();
        long address = body.getLong();
        int module = body.getInt();
        int count = body.getInt();
        CodePlace place = new CodePlace(
                address,
                module == NO_MODULE ? Optional.empty() : Optional.ofNullable(modules.get(module)),
                body.getLong());
        long number = body.getLong();
        long result = body.getLong();
        body.position(body.position() + 3 * Long.BYTES);
        if (type == TURN) {
            OptionalLong call = number < 0 ? OptionalLong.empty() : OptionalLong.of(number);
            return new LogRecord.Waits(pid, tid, call, ranges(count, body), place);
        }
        List<Change> changes = changes(count, body);
        Kind kind = switch (type) {
            case STORE -> new Kind.Store();
            case LOAD ->
                new Kind.Load(changes.stream()
                        .map(change -> new Value(change.segment(), change.offset(), change.after()))
                        .toList());
            default -> new Kind.SystemCall(number, result);
        };
        return new LogRecord.Made(point, kind, pid, tid, type == LOAD ? List.of() : changes, place);
    }

    private List<Change> changes(int count, ByteBuffer body) {
        List<Change> changes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String label = label(body.getInt());
            int size = body.getInt();
            long offset = body.getLong();
            byte[] before = new byte[size];
            byte[] after = new byte[size];
            body.get(before).get(after);
            body.position(Math.min(aligned(body.position()), body.limit()));
            changes.add(new Change(label, offset, before, after));
        }
        return List.copyOf(changes);
    }

    private List<Range> ranges(int count, ByteBuffer body) {
        List<Range> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String label = label(body.getInt());
            boolean stores = (body.getInt() & TOUCH_STORES) != 0;
            ranges.add(new Range(label, body.getLong(), body.getLong(), stores));
        }
        return List.copyOf(ranges);
    }
}
