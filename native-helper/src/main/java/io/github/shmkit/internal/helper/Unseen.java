package io.github.shmkit.internal.helper;

import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The work that one test handed to its helpers, as long as the test has not looked at how it ended. */
public final class Unseen {
    private static final int PRUNED_FROM = 64;

    private final Set<Work> work = ConcurrentHashMap.newKeySet();

    Unseen() {}

    /**
     * Work that failed.
     *
     * @param message which helper, and what went wrong
     * @param cause with the stack
     */
    public record Failure(Work work, String message, Throwable cause) {}

    /** A task or a script; identity counts. */
    public interface Work {
        /** Looks for news, and returns whether it has ended. */
        boolean isDone();

        /** How it failed; empty while it goes on, and if it did not fail. */
        Optional<Failure> failure();
    }

    void add(Work started) {
        if (work.size() >= PRUNED_FROM) {
            work.removeIf(w -> w.isDone() && w.failure().isEmpty());
        }
        work.add(started);
    }

    /** The test has the result or the failure, or is about to. */
    public void looked(Work at) {
        work.remove(at);
    }

    /** One that failed. */
    public Optional<Failure> first() {
        for (Iterator<Work> all = work.iterator(); all.hasNext(); ) {
            Work each = all.next();
            if (each.isDone()) {
                Optional<Failure> failure = each.failure();
                if (failure.isPresent()) {
                    return failure;
                }
                all.remove();
            }
        }
        return Optional.empty();
    }

    /** Whether some has not ended. */
    public boolean isGoingOn() {
        return work.stream().anyMatch(w -> !w.isDone());
    }
}
