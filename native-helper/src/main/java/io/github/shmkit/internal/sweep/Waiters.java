package io.github.shmkit.internal.sweep;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
 */
record Waiters(Map<Integer, Long> byQueue) {
    /** msgsnd and msgrcv on x86-64 and on aarch64. */
    private static final Set<String> CALLS =
            System.getProperty("os.arch", "").equals("aarch64") ? Set.of("189", "188") : Set.of("69", "70");

    static Waiters find() {
        Map<Integer, Long> byQueue = new HashMap<>();
        for (String process : names(new File("/proc"))) {
            if (Character.isDigit(process.charAt(0))) {
                File threads = new File("/proc/" + process, "task");
                for (String thread : names(threads)) {
                    queue(new File(threads, thread)).ifPresent(id -> byQueue.put(id, Long.parseLong(process)));
                }
            }
        }
        return new Waiters(Map.copyOf(byQueue));
    }

    private static String[] names(File directory) {
        String @Nullable [] names = directory.list();
        return names == null ? new String[0] : names; // it ended meanwhile
    }

    private static Optional<Integer> queue(File thread) {
        try {
            // number of the call and its arguments in hex; or "running", or -1 where it sleeps outside of one
            String[] call = Files.readString(thread.toPath().resolve("syscall"), StandardCharsets.US_ASCII)
                    .split(" ", 3);
            return CALLS.contains(call[0]) ? Optional.of(Long.decode(call[1]).intValue()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it ended, or is not ours to look at
        }
    }

    Optional<Long> at(int queue) {
        return Optional.ofNullable(byQueue.get(queue));
    }
}
