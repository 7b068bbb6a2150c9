package io.github.shmkit.internal.ipc;

import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** POSIX message queues where they are mounted nowhere: the kernel has them, but no directory lists them. */
final class HiddenQueues {
    /** In the mounts of one thread that does nothing else, any directory that exists everywhere will do. */
    private static final String PLACE = "/dev/shm";

    private HiddenQueues() {}

    /**
     * Mounts them for a moment, where no other thread or process sees it, and shows the directory.
     *
     * @return why this user may not; empty if it has been shown
     */
    static Optional<String> show(Consumer<String> look) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        Os.unshareMounts();
                        Os.mountQueues(PLACE);
                        look.accept(PLACE);
                        done.complete(null);
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                },
                "shmkit queues");
        thread.setDaemon(true);
        thread.start();
        try {
            done.join();
            return Optional.empty();
        } catch (CompletionException e) {
            if (e.getCause() instanceof OsException refused) {
                return Optional.of(String.valueOf(refused.getMessage()));
            }
            throw e;
        }
    }
}
