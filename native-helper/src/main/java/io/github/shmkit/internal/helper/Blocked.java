package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.ShmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/** The places in shared memory at which threads of a process sleep in futex(2), as the kernel shows them. */
public final class Blocked {
    private static final String FUTEX = System.getProperty("os.arch", "").equals("aarch64") ? "98" : "202";
    private static final int FIRST_ARGUMENT = 1;

    private Blocked() {}

    /**
     * The offsets in a segment at which threads of a process sleep.
     *
     * @throws ShmException if this user may not see what the process does
     */
    public static List<Long> offsets(long pid, Segment segment) {
        List<Long> offsets = new ArrayList<>();
        for (long address : addresses(pid)) {
            offset(pid, segment, address).ifPresent(offsets::add);
        }
        return offsets;
    }

    /** Whether a thread waits without a limit on the time for what only another process or thread can do. */
    public static boolean forEver(long pid, long tid) {
        return BlockedThread.of(pid).stream()
                .anyMatch(
                        thread -> thread.tid() == tid && thread.waitsForEverIn().isPresent());
    }

    private static List<Long> addresses(long pid) {
        List<Long> addresses = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                String[] call = read(thread.resolve("syscall")).strip().split(" ", -1);
                if (call[0].equals(FUTEX) && call.length > FIRST_ARGUMENT) {
                    addresses.add(Long.parseUnsignedLong(call[FIRST_ARGUMENT].substring(2), 16));
                }
            }
        } catch (AccessDeniedException e) {
            throw new ShmException(
                    "this user may not see what process " + pid
                            + " waits for, see ptrace(2) on kernel.yama.ptrace_scope",
                    e);
        } catch (IOException e) {
            return List.of(); // it ended
        }
        return addresses;
    }

    /** Empty where a thread has ended. */
    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            return ""; // ESRCH
        }
    }

    /** Where the address is in the segment, if the process has it mapped there. */
    private static OptionalLong offset(long pid, Segment segment, long address) {
        try {
            for (String line : read(Path.of("/proc/" + pid + "/maps")).lines().toList()) {
                // start-end perms offset major:minor inode path
                String[] f = line.split(" +", 6);
                int dash = f[0].indexOf('-');
                long start = Long.parseUnsignedLong(f[0].substring(0, dash), 16);
                long end = Long.parseUnsignedLong(f[0].substring(dash + 1), 16);
                if (Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0) {
                    return isOf(segment, f[3], Long.parseLong(f[4]), f.length > 5 ? f[5] : "")
                            ? OptionalLong.of(address - start + Long.parseLong(f[2], 16))
                            : OptionalLong.empty();
                }
            }
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new ShmException("cannot read what process " + pid + " has mapped: " + e.getMessage(), e);
        }
    }

    private static boolean isOf(Segment segment, String device, long inode, String path) throws IOException {
        if (segment.address() instanceof SegmentAddress.BySysv sysv) {
            return path.startsWith("/SYSV") && inode == sysv.shmid();
        }
        Path file = Path.of(((SegmentAddress.ByPath) segment.address()).path());
        try {
            long dev = ((Number) Objects.requireNonNull(Files.getAttribute(file, "unix:dev"))).longValue();
            long ino = ((Number) Objects.requireNonNull(Files.getAttribute(file, "unix:ino"))).longValue();
            return ino == inode
                    && device.equals(
                            String.format("%02x:%02x", (dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & ~0xff)));
        } catch (NoSuchFileException e) {
            return false; // its name is gone
        }
    }
}
