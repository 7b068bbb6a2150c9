package io.github.shmkit.trace;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One store of a program into shared memory, one load from there where loads are recorded, or one system call that wrote
 * there or had another effect on it.
 *
 * @param point its number among the accesses that others can notice, from 1; 0 if it changed nothing
 * @param kind what it is
 * @param pid the process
 * @param tid the thread
 * @param changes the bytes that it changed, one entry for each contiguous part; empty if none
 * @param where the instruction: the file that has it, the offset there, and where the file has them and addr2line is installed
 *     its function and source line; or that it was generated at run time
 * @since 0.1.0
 */
public record Access(long point, Kind kind, long pid, long tid, List<Change> changes, String where) {
    private static final int SHOWN_BYTES = 8;

    /** What an access is. */
    public sealed interface Kind {
        /** An instruction of the program; a repeated string instruction is one. */
        record Store() implements Kind {}

        /**
         * An instruction that reads and does not write, where the program is held at its accesses.
         *
         * @param values what it read, one entry for each contiguous part
         */
        record Load(List<Value> values) implements Kind {}

        /**
         * A system call.
         *
         * @param number as in the kernel's table of this architecture
         * @param result what it returned; less than 0: minus the error number
         */
        record SystemCall(long number, long result) implements Kind {
            /** Those that write into memory or have another effect on what is shared, on x86-64. */
            private static final Map<Long, String> NAMES = Map.ofEntries(
                    Map.entry(0L, "read"),
                    Map.entry(1L, "write"),
                    Map.entry(17L, "pread"),
                    Map.entry(18L, "pwrite"),
                    Map.entry(19L, "readv"),
                    Map.entry(20L, "writev"),
                    Map.entry(24L, "sched_yield"),
                    Map.entry(26L, "msync"),
                    Map.entry(45L, "recvfrom"),
                    Map.entry(44L, "sendto"),
                    Map.entry(46L, "sendmsg"),
                    Map.entry(47L, "recvmsg"),
                    Map.entry(65L, "semop"),
                    Map.entry(69L, "msgsnd"),
                    Map.entry(70L, "msgrcv"),
                    Map.entry(72L, "fcntl"),
                    Map.entry(73L, "flock"),
                    Map.entry(76L, "truncate"),
                    Map.entry(77L, "ftruncate"),
                    Map.entry(87L, "unlink"),
                    Map.entry(202L, "futex"),
                    Map.entry(220L, "semtimedop"),
                    Map.entry(228L, "clock_gettime"),
                    Map.entry(242L, "mq_timedsend"),
                    Map.entry(243L, "mq_timedreceive"),
                    Map.entry(263L, "unlinkat"),
                    Map.entry(295L, "preadv"),
                    Map.entry(310L, "process_vm_readv"),
                    Map.entry(318L, "getrandom"));

            /** For names of tests: {@code fcntl(2)}. */
            @Override
            public String toString() {
                return nameOf(number);
            }

            static String nameOf(long number) {
                String name = NAMES.get(number);
                return name == null ? "system call " + number : name + "(2)";
            }
        }
    }

    /** Bytes of a segment. */
    public static final class Value {
        private final String segment;
        private final long offset;
        private final byte[] bytes;

        /**
         * One contiguous part.
         *
         * @param segment the label of the segment
         * @param offset of the first byte
         * @param bytes what is there
         */
        public Value(String segment, long offset, byte[] bytes) {
            this.segment = segment;
            this.offset = offset;
            this.bytes = bytes.clone();
        }

        /**
         * Where the bytes are.
         *
         * @return the label of the segment; of a file that is no segment of the test, its name
         */
        public String segment() {
            return segment;
        }

        /**
         * Where in the segment the bytes are.
         *
         * @return the offset of the first
         */
        public long offset() {
            return offset;
        }

        /**
         * The bytes.
         *
         * @return a copy
         */
        public byte[] bytes() {
            return bytes.clone();
        }

        /**
         * Whether it is the same in the same place.
         *
         * @param other another part
         * @return true if place and bytes are equal
         */
        public boolean isSame(Value other) {
            return segment.equals(other.segment) && offset == other.offset && Arrays.equals(bytes, other.bytes);
        }

        /** For reports: {@code ring+0x30: 01}. */
        @Override
        public String toString() {
            return segment + "+0x" + Long.toHexString(offset) + ": " + Access.hex(bytes);
        }
    }

    /** Bytes of a segment before and after, from the first to the last that differ. */
    public static final class Change {
        private final String segment;
        private final long offset;
        private final byte[] before;
        private final byte[] after;

        /**
         * A change of one contiguous part.
         *
         * @param segment the label of the segment
         * @param offset of the first byte
         * @param before the bytes that were there
         * @param after as many bytes that are there now
         */
        public Change(String segment, long offset, byte[] before, byte[] after) {
            this.segment = segment;
            this.offset = offset;
            this.before = before.clone();
            this.after = after.clone();
        }

        /**
         * Where the bytes are.
         *
         * @return the label of the segment; of a file that is no segment of the test, its name
         */
        public String segment() {
            return segment;
        }

        /**
         * Where in the segment the bytes are.
         *
         * @return the offset of the first
         */
        public long offset() {
            return offset;
        }

        /**
         * The bytes before.
         *
         * @return a copy
         */
        public byte[] before() {
            return before.clone();
        }

        /**
         * The bytes after.
         *
         * @return a copy, of the same length
         */
        public byte[] after() {
            return after.clone();
        }

        /**
         * Whether a byte is among them.
         *
         * @param label of the segment
         * @param at the offset of the byte
         * @return true if it lies between the first and the last that differ
         */
        public boolean covers(String label, long at) {
            return segment.equals(label) && at >= offset && at < offset + after.length;
        }

        boolean overlaps(Value value) {
            return segment.equals(value.segment)
                    && offset < value.offset + value.bytes.length
                    && value.offset < offset + after.length;
        }

        /** For names of tests: {@code ring+0x30: 00→01}. */
        @Override
        public String toString() {
            return segment + "+0x" + Long.toHexString(offset) + ": " + hex(before) + "→" + hex(after);
        }
    }

    private static String hex(byte[] bytes) {
        HexFormat hex = HexFormat.of();
        return bytes.length <= SHOWN_BYTES
                ? hex.formatHex(bytes)
                : hex.formatHex(bytes, 0, SHOWN_BYTES) + "… (" + bytes.length + " bytes)";
    }

    /**
     * Whether another process can tell that it happened.
     *
     * @return true if it has a number
     */
    public boolean isPoint() {
        return point > 0;
    }

    /** For names of tests: {@code ring+0x30: 00→01, libc.so.6+0x8c3b8 (pthread_mutex_lock)}. */
    @Override
    public String toString() {
        String what = changes.isEmpty()
                ? "nothing changed"
                : changes.stream().map(Change::toString).collect(Collectors.joining(", "));
        if (kind instanceof Kind.Load load) {
            what = "loads " + load.values().stream().map(Value::toString).collect(Collectors.joining(", "));
        } else if (kind instanceof Kind.SystemCall call) {
            what = call + (changes.isEmpty() ? "" : " " + what);
        }
        return what + ", " + where;
    }
}
