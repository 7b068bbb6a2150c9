package io.github.shmkit.internal.trace;

import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Access.Change;
import io.github.shmkit.trace.Access.Kind;
import io.github.shmkit.trace.Access.Value;
import io.github.shmkit.trace.PendingAccess;
import io.github.shmkit.trace.PendingAccess.Range;
import java.util.List;
import java.util.OptionalLong;

/** One thing that a tracer has written down. */
public sealed interface LogRecord {
    /** What a segment had when it was first mapped, or when the tracer was armed. */
    record Content(Value whole) implements LogRecord {}

    /** An access that was made; its instruction has no name yet. */
    record Made(long point, Kind kind, long pid, long tid, List<Change> changes, CodePlace place) implements LogRecord {
        /** With the name. */
        public Access named() {
            return new Access(point, kind, pid, tid, changes, place.describe());
        }
    }

    /** An access that waits for its turn. */
    record Waits(long pid, long tid, OptionalLong systemCall, List<Range> ranges, CodePlace place)
            implements LogRecord {
        /** With the name of the instruction. */
        public PendingAccess named() {
            return new PendingAccess(pid, tid, systemCall, ranges, place.describe());
        }
    }

    /** A process was sent SIGKILL by the tracer. */
    record Killed(long pid) implements LogRecord {}

    /** A process has ended; its status is as of waitpid(2). */
    record Ended(long pid, int status) implements LogRecord {}

    /** No program can be traced here, or this one cannot. */
    record Refused(boolean anyProgram, String why) implements LogRecord {}

    /** From here on what it does counts, or does not. */
    record Window(boolean armed) implements LogRecord {}
}
