package io.github.shmkit.trace;

import io.github.shmkit.Segment;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * An access that a held program is about to make.
 *
 * @param pid the process
 * @param tid the thread
 * @param systemCall the number of the system call that makes it, empty if an instruction does
 * @param ranges the bytes that it may read or write; empty for a system call that has only another effect
 * @param where the instruction, as in {@link Access#where()}
 * @since 0.1.0
 */
public record PendingAccess(long pid, long tid, OptionalLong systemCall, List<Range> ranges, String where) {
    /**
     * Bytes of a segment.
     *
     * @param segment the label of the segment; of a file that is no segment of the test, its name
     * @param offset of the first byte
     * @param size in bytes
     * @param stores whether they may be written; they may be read in any case
     */
    public record Range(String segment, long offset, long size, boolean stores) {
        /**
         * Whether a byte is among them.
         *
         * @param at the offset of the byte
         * @return true if it is
         */
        public boolean covers(long at) {
            return at >= offset && at - offset < size;
        }

        /**
         * Whether it matters which of two accesses comes first.
         *
         * @param other bytes that another program touches
         * @return true if they have a byte in common that one of them may write
         */
        public boolean conflictsWith(Range other) {
            return (stores || other.stores)
                    && segment.equals(other.segment)
                    && offset < other.offset + other.size
                    && other.offset < offset + size;
        }

        @Override
        public String toString() {
            return segment + "+0x" + Long.toHexString(offset) + " (" + size + (size == 1 ? " byte)" : " bytes)");
        }
    }

    /**
     * Matches instructions that write a byte of any segment of the program.
     *
     * @param offset of the byte
     * @return what {@link Held#stepUntil} takes
     */
    public static Predicate<PendingAccess> store(long offset) {
        return access -> access.systemCall.isEmpty()
                && access.ranges.stream().anyMatch(range -> range.stores && range.covers(offset));
    }

    /**
     * Matches instructions that write a byte of one segment.
     *
     * @param segment one that the program was started with
     * @param offset of the byte
     * @return what {@link Held#stepUntil} takes
     */
    public static Predicate<PendingAccess> store(Segment segment, long offset) {
        return access -> access.systemCall.isEmpty()
                && access.ranges.stream()
                        .anyMatch(
                                range -> range.stores && range.segment.equals(segment.label()) && range.covers(offset));
    }

    /**
     * Matches instructions that read a byte of any segment of the program and do not write it.
     *
     * @param offset of the byte
     * @return what {@link Held#stepUntil} takes
     */
    public static Predicate<PendingAccess> load(long offset) {
        return access -> access.systemCall.isEmpty()
                && access.ranges.stream().anyMatch(range -> !range.stores && range.covers(offset));
    }

    /**
     * Matches instructions that read a byte of one segment and do not write it.
     *
     * @param segment one that the program was started with
     * @param offset of the byte
     * @return what {@link Held#stepUntil} takes
     */
    public static Predicate<PendingAccess> load(Segment segment, long offset) {
        return access -> access.systemCall.isEmpty()
                && access.ranges.stream()
                        .anyMatch(range ->
                                !range.stores && range.segment.equals(segment.label()) && range.covers(offset));
    }

    /**
     * Whether it may write.
     *
     * @return true for stores, atomic read-modify-write instructions and system calls that write into a segment
     */
    public boolean stores() {
        return ranges.stream().anyMatch(Range::stores);
    }

    /** For reports: {@code stores box+0x8 (8 bytes), writer+0x1234 (main at writer.c:12)}. */
    @Override
    public String toString() {
        String what = systemCall.isPresent()
                ? Access.Kind.SystemCall.nameOf(systemCall.getAsLong()) + (ranges.isEmpty() ? "" : " at ")
                : stores() ? "stores " : "loads ";
        return what + ranges.stream().map(Range::toString).collect(Collectors.joining(", ")) + ", " + where;
    }
}
