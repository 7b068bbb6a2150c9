package io.github.shmkit.junit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that a test left.
 *
 * @param kind what
 * @param address of an object, as {@link io.github.shmkit.internal.ipc.IpcObject#address} gives it; else empty
 * @param size of an object, in bytes, semaphores or messages
 * @param creator the process that made an object, where the kernel names it
 * @param what with its address, as a person finds it
 * @param who made it or has it
 * @param where it was declared or made; empty if it was not made through us
 */
public record Finding(
        Kind kind,
        String address,
        OptionalLong size,
        Optional<Creator> creator,
        String what,
        String who,
        List<StackTraceElement> where) {
    /** What is no object, or one of which no more is known. */
    Finding(Kind kind, String address, String what, String who, List<StackTraceElement> where) {
        this(kind, address, OptionalLong.empty(), Optional.empty(), what, who, where);
    }

    /**
     * A process that made an object.
     *
     * @param command as the kernel shows it; empty if the process has ended
     */
    public record Creator(long pid, String command) {
        static Optional<Creator> of(long pid) {
            return pid > 0 ? Optional.of(new Creator(pid, command(pid))) : Optional.empty();
        }

        private static String command(long pid) {
            try {
                return Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
            } catch (IOException e) {
                return ""; // it has ended
            }
        }
    }

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
