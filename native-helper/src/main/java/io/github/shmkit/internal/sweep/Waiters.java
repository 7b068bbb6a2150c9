package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.os.ProcFs;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Processes that wait at a System V queue, of which the queue itself keeps no trace: as far as /proc shows in which system call
 * a thread is.
 *
 * @param byQueue a pid for each queue
 * @param all whether no other process of this user can wait at any
 */
record Waiters(Map<Integer, Long> byQueue, boolean all) {
    /** msgsnd and msgrcv on x86-64 and on aarch64. */
    private static final Set<String> CALLS =
            System.getProperty("os.arch", "").equals("aarch64") ? Set.of("189", "188") : Set.of("69", "70");

    static Waiters find(long euid) {
        Waiters found = find(euid, Path.of("/proc"));
        return ProcFs.hides() ? new Waiters(found.byQueue, false) : found;
    }

    static Waiters find(long euid, Path proc) {
        Map<Integer, Long> byQueue = new HashMap<>();
        boolean all = true;
        for (String process : names(proc.toFile())) {
            if (Character.isDigit(process.charAt(0))) {
                Path threads = proc.resolve(process).resolve("task");
                for (String thread : names(threads.toFile())) {
                    Path of = threads.resolve(thread);
                    try {
                        queue(of).ifPresent(id -> byQueue.put(id, Long.parseLong(process)));
                    } catch (IOException e) {
                        all = all && !(isOf(of, euid) && waits(of)); // it ended, or is not ours to look at
                    }
                }
            }
        }
        return new Waiters(Map.copyOf(byQueue), all);
    }

    private static boolean isOf(Path thread, long euid) {
        try {
            return Files.getAttribute(thread, "unix:uid") instanceof Integer uid && uid == euid;
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }

    /**
     * Whether it waits at some queue: the function of the kernel in which a thread sleeps is shown where its system call is
     * not, as Yama has it for whoever is no ancestor.
     */
    private static boolean waits(Path thread) {
        try {
            return Files.readString(thread.resolve("wchan"), StandardCharsets.US_ASCII)
                    .contains("_msg");
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }

    private static String[] names(File directory) {
        String @Nullable [] names = directory.list();
        return names == null ? new String[0] : names; // it ended meanwhile
    }

    private static Optional<Integer> queue(Path thread) throws IOException {
        // number of the call and its arguments in hex; or "running", or -1 where it sleeps outside of one
        String[] call = Files.readString(thread.resolve("syscall"), StandardCharsets.US_ASCII)
                .split(" ", 3);
        return CALLS.contains(call[0]) ? Optional.of(Long.decode(call[1]).intValue()) : Optional.empty();
    }

    Optional<Long> at(int queue) {
        return Optional.ofNullable(byQueue.get(queue));
    }
}
