package io.github.shmkit.internal.trace;

import io.github.shmkit.ShmException;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.AccessLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
    /** How far the program is. */
    public enum State {
        STARTING,
        RUNNING,
        NOT_RUN,
        REFUSED,
        COMPLETE;

        static State of(int number) {
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
        ByteBuffer bytes = read(file, LogHeader.SIZE);
        return LogHeader.isOne(bytes) ? State.of(LogHeader.state(bytes)) : State.STARTING;
    }

    /**
     * All of it.
     *
     * @param labels of the segments, in the order in which the tracer was told of them
     */
    public static LogFile read(Path file, List<String> labels) {
        ByteBuffer bytes = read(file, Integer.MAX_VALUE);
        if (!LogHeader.isOne(bytes)) {
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
        private final LogRecords records;
        private final ByteBuffer bytes;
        private final Map<String, byte[]> initial = new HashMap<>();
        private final List<LogRecord.Made> made = new ArrayList<>();
        private Optional<LogRecord.Refused> refused = Optional.empty();
        private boolean killed;

        Reader(ByteBuffer bytes, List<String> labels) {
            this.bytes = bytes;
            this.records = new LogRecords(labels);
        }

        LogFile read() {
            int end = (int) LogHeader.end(bytes);
            records.read(bytes.slice(LogHeader.SIZE, end - LogHeader.SIZE).order(ByteOrder.nativeOrder()), this::take);
            return new LogFile(
                    State.of(LogHeader.state(bytes)),
                    LogHeader.tracer(bytes),
                    LogHeader.error(bytes),
                    refused.map(LogRecord.Refused::why),
                    refused.map(LogRecord.Refused::anyProgram).orElse(false),
                    killed,
                    Map.copyOf(initial),
                    new AccessLog(named()));
        }

        private void take(LogRecord next) {
            if (next instanceof LogRecord.Content content) {
                initial.put(content.whole().segment(), content.whole().bytes());
            } else if (next instanceof LogRecord.Made access) {
                made.add(access);
            } else if (next instanceof LogRecord.Killed) {
                killed = true;
            } else if (next instanceof LogRecord.Refused why) {
                refused = Optional.of(why);
            } // else the end of a process, a window, a turn
        }

        private List<Access> named() {
            Map<String, Set<Long>> places = new HashMap<>();
            made.forEach(access -> access.place()
                    .module()
                    .ifPresent(path -> places.computeIfAbsent(path, key -> new HashSet<>())
                            .add(access.place().offset())));
            places.forEach((path, offsets) -> Symbols.of(Path.of(path)).look(offsets));
            return made.stream().map(LogRecord.Made::named).toList();
        }
    }
}
