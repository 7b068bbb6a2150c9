package io.github.shmkit.junit.internal;

import java.util.List;

/**
 * Something that a test left.
 *
 * @param kind what
 * @param what with its address, as a person finds it
 * @param who made it or has it
 * @param where it was declared or made; empty if it was not made through us
 */
public record Finding(Kind kind, String what, String who, List<StackTraceElement> where) {
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
        PROCESS
    }

    /** Whether both speak of one object, perhaps in other words. */
    public boolean isSameAs(Finding other) {
        return kind == other.kind && address().equals(other.address());
    }

    /** The part of the description that looks like an address: a path, or "id 5 key 0x7". */
    private String address() {
        int start = kind.name().startsWith("SYSV") ? what.indexOf("id ") : what.indexOf('/');
        int end = what.indexOf(kind.name().startsWith("SYSV") ? " of " : " ", Math.max(start, 0));
        return start < 0 || end < 0 ? what : what.substring(start, end);
    }

    @Override
    public String toString() {
        return what + (who.isEmpty() ? "" : ": " + who);
    }
}
