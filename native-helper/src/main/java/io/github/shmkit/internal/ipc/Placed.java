package io.github.shmkit.internal.ipc;

import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Sync;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongToIntFunction;

/** A synchronisation object at a place of a mapped segment. */
abstract class Placed {
    private final MappedSegment segment;
    private final long offset;
    private final int size;

    Placed(MappedSegment segment, long offset, int size) {
        this.segment = segment;
        this.offset = offset;
        this.size = size;
        segment.place(offset, size);
    }

    /** What a native function gives for the address; what it points to is mapped until it returns. */
    int call(LongToIntFunction function) {
        ByteBuffer memory = memory();
        try {
            return function.applyAsInt(segment.nativeAddress() + offset);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * The memory, after all checks. If the segment was truncated, what a Java read does is done here; a native function
     * would be the JVM's end. (A read would not do: the compiler may drop it, and its error may come too late.)
     */
    ByteBuffer memory() {
        ByteBuffer memory = segment.place(offset, size);
        long address = segment.nativeAddress() + offset;
        if (size > Integer.BYTES && !Sync.isBacked(address, size)) { // the kernel looks by itself at a futex
            throw new InternalError(this + " lies behind the end of the object, which was truncated");
        }
        return memory;
    }

    void must(String what, LongToIntFunction function) {
        int error = call(function);
        if (error != 0) {
            throw new OsException(what, toString(), error);
        }
    }

    int insist(String what, Duration max, Attempt attempt) {
        return Patience.insist(what + " of " + this, max, millis -> call(address -> attempt.errorOf(address, millis)));
    }

    /** One go of a native function that waits. */
    interface Attempt {
        int errorOf(long address, int millis);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + " at offset " + offset + " of " + segment;
    }
}
