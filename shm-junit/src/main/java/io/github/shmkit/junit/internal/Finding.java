package io.github.shmkit.junit.internal;

import java.util.List;

/**
 * Something that a test left.
 *
 * @param kind what
 * @param address of an object, as {@link io.github.shmkit.internal.ipc.IpcObject#address} gives it; else empty
 * @param what with its address, as a person finds it
 * @param who made it or has it
 * @param where it was declared or made; empty if it was not made through us
 */
public record Finding(Kind kind, String address, String what, String who, List<StackTraceElement> where) {
    /** What can be left. */
    public enum Kind {
        SYSV_SHM,
        SYSV_SEM,
        SYSV_MSG,
        POSIX_SHM,
        POSIX_SEM,
        POSIX_MQ,
        MMAP_FILE,
        MAPPING,
        DESCRIPTOR,
        PROCESS,
        CHANGED
    }

    /** Whether both speak of one object, perhaps in other words. */
    public boolean isSameAs(Finding other) {
        return kind == other.kind && !address.isEmpty() && address.equals(other.address);
    }

    @Override
    public String toString() {
        return what + (who.isEmpty() ? "" : ": " + who);
    }
}
