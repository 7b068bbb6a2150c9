package io.github.shmkit.internal.trace;

import io.github.shmkit.ShmException;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Access.Change;
import io.github.shmkit.trace.Access.Kind;
import io.github.shmkit.trace.AccessLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A tracer's log, as far as it is there; PROTOCOL.md has its format.
 *
 * @param tracer the pid of the tracer, 0 if it had not begun
 * @param error the error number if the program could not be executed
 * @param refused why the program could not be traced
 * @param unavailable whether no program can be traced here, if this one could not
 * @param killed whether the tracer killed a process
 * @param initial the content of each segment that the program mapped, by label, before its first access
 */
public record LogFile(
        State state,
        int tracer,
        int error,
        Optional<String> refused,
        boolean unavailable,
        boolean killed,
        Map<String, byte[]> initial,
        AccessLog log) {
    private static final long MAGIC = 0x6563617274636873L;
    private static final int VERSION = 1;
    private static final int HEADER = 64;
    private static final int RECORD_HEAD = 8;
    private static final int ALIGNMENT = 8;
    private static final int NO_MODULE = -1;
    private static final String GENERATED = "code generated at run time";

    private static final int SEGMENT = 1;
    private static final int MODULE = 2;
    private static final int STORE = 3;
    private static final int CALL = 4;
    private static final int KILL = 5;
    private static final int REFUSED = 7;

    /** How far the program is. */
    public enum State {
        STARTING,
        RUNNING,
        NOT_RUN,
        REFUSED,
        COMPLETE;

        private static State of(int number) {
            return switch (number) {
                case 1 -> RUNNING;
                case 2 -> NOT_RUN;
                case 3 -> REFUSED;
                case 4 -> COMPLETE;
                default -> STARTING;
            };
        }
    }

    /** The state alone, which is all that is to be known while a program starts. */
    static State state(Path file) {
        ByteBuffer bytes = read(file, HEADER);
        return bytes.remaining() < HEADER || bytes.getLong(0) != MAGIC ? State.STARTING : State.of(bytes.getInt(12));
    }

    /**
     * All of it.
     *
     * @param labels of the segments, in the order in which the tracer was told of them
     */
    public static LogFile read(Path file, List<String> labels) {
        ByteBuffer bytes = read(file, Integer.MAX_VALUE);
        if (bytes.remaining() < HEADER || bytes.getLong(0) != MAGIC || bytes.getInt(8) != VERSION) {
            throw new ShmException("the tracer's log " + file + " is not one");
        }
        return new Reader(bytes, labels).read();
    }

    private static ByteBuffer read(Path file, int most) {
        if (!Files.exists(file)) {
            return ByteBuffer.allocate(0);
        }
        try (var channel = Files.newByteChannel(file)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), most));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // as much as there is
            }
            return bytes.flip().order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new ShmException("cannot read the tracer's log " + file, e);
        }
    }

    private static final class Reader {
        private final ByteBuffer bytes;
        private final List<String> labels;
        private final Map<Integer, String> modules = new HashMap<>();
        private final Map<String, byte[]> initial = new HashMap<>();
        private final List<Raw> accesses = new ArrayList<>();
        private Optional<String> refused = Optional.empty();
        private boolean unavailable;
        private boolean killed;

        /** An access whose instruction has no name yet. */
        private record Raw(
                long point, Kind kind, long pid, long tid, List<Change> changes, Optional<String> module, long place) {
            Access named() {
                return new Access(point, kind, pid, tid, changes, where());
            }

            private String where() {
                return module.map(path -> path.substring(path.lastIndexOf('/') + 1) + "+0x" + Long.toHexString(place)
                                + Symbols.of(Path.of(path))
                                        .name(place)
                                        .map(name -> " (" + name + ")")
                                        .orElse(""))
                        .orElse(GENERATED); // its address is another in each run
            }
        }

        Reader(ByteBuffer bytes, List<String> labels) {
            this.bytes = bytes;
            this.labels = labels;
        }

        LogFile read() {
            int end = (int) bytes.getLong(16);
            for (int at = HEADER; at < end; ) {
                int size = bytes.getInt(at);
                ByteBuffer body =
                        bytes.slice(at + RECORD_HEAD, size - RECORD_HEAD).order(ByteOrder.nativeOrder());
                read(bytes.getInt(at + Integer.BYTES), body);
                at += aligned(size);
            }
            return new LogFile(
                    State.of(bytes.getInt(12)),
                    bytes.getInt(44),
                    bytes.getInt(40),
                    refused,
                    unavailable,
                    killed,
                    Map.copyOf(initial),
                    new AccessLog(named()));
        }

        private List<Access> named() {
            Map<String, Set<Long>> places = new HashMap<>();
            accesses.forEach(access -> access.module()
                    .ifPresent(path ->
                            places.computeIfAbsent(path, key -> new HashSet<>()).add(access.place())));
            places.forEach((path, offsets) -> Symbols.of(Path.of(path)).look(offsets));
            return accesses.stream().map(Raw::named).toList();
        }

        private static int aligned(int size) {
            return (size + ALIGNMENT - 1) & -ALIGNMENT;
        }

        private void read(int type, ByteBuffer body) {
            switch (type) {
                case SEGMENT -> initial.put(label((int) body.getLong()), rest(body));
                case MODULE -> modules.put((int) body.getLong(), text(body));
                case STORE, CALL -> accesses.add(access(type, body));
                case KILL -> killed = true;
                case REFUSED -> {
                    body.getInt();
                    unavailable = body.getInt() != 0;
                    refused = Optional.of(text(body));
                }
                default -> {} // ends of processes and windows
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

        private Raw access(int type, ByteBuffer body) {
            long point = body.getLong();
            int pid = body.getInt();
            int tid = body.getInt();
            body.getLong(); // of the instruction
            int module = body.getInt();
            int count = body.getInt();
            long place = body.getLong();
            long number = body.getLong();
            long result = body.getLong();
            body.position(body.position() + 3 * Long.BYTES);
            List<Change> changes = new ArrayList<>();
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
            Kind kind = type == STORE ? new Kind.Store() : new Kind.SystemCall(number, result);
            return new Raw(
                    point,
                    kind,
                    pid,
                    tid,
                    List.copyOf(changes),
                    module == NO_MODULE ? Optional.empty() : Optional.ofNullable(modules.get(module)),
                    place);
        }
    }
}
