package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.helper.Unseen;
import io.github.shmkit.internal.stack.UserStack;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/**
 * One wait in progress.
 *
 * <p>Whether it can still succeed is asked inside of the condition and not by Awaitility's fail-fast: of that there is
 * only one, so that a user's would take the place of ours, and it is asked before the condition, so that a helper which
 * finishes its work and ends would lose against what it did.
 */
public final class Wait {
    private static final Duration STILL = Duration.ofSeconds(1);

    private final String what;
    private final Condition condition;
    private final List<TestSession> sessions;
    private final Thread waiter = Thread.currentThread();
    private final long begun = System.nanoTime();
    private boolean held;
    private String before = "";
    private long changed = System.nanoTime();
    private @Nullable AssertionFailedError ended;

    /** What is waited for. */
    public interface Condition {
        /** Whether it holds now. */
        boolean holds() throws Exception;

        /** What the last look saw; empty if there is nothing to tell. */
        String lastSeen();

        /** The segment that alone is looked at, if it is so. */
        default Optional<Segment> segment() {
            return Optional.empty();
        }
    }

    /** Ends Awaitility's loop at once, unless its settings have every throwable ignored. */
    private static final class Ended extends Error {
        private static final long serialVersionUID = 1L;

        Ended() {
            super(null, null, false, false);
        }
    }

    private Wait(String what, Condition condition, List<TestSession> sessions) {
        this.what = what;
        this.condition = condition;
        this.sessions = sessions;
    }

    /**
     * Waits.
     *
     * @param what begins the message of a failure
     * @param sessions those whose helpers must live
     */
    public static void until(ConditionFactory settings, String what, Condition condition, List<TestSession> sessions) {
        new Wait(what, condition, sessions).run(settings);
    }

    private void run(ConditionFactory settings) {
        try {
            settings.until((Callable<Boolean>) this::isOver);
        } catch (Ended e) {
            // told below
        } catch (ConditionTimeoutException e) {
            if (ended == null) {
                String hints = sessions.stream().map(TestSession::neverStarted).collect(Collectors.joining());
                String reason = reason(e); // before evidence is gathered, which takes time
                String stuck = sessions.stream().map(Survivors::standstill).collect(Collectors.joining());
                String message = what + lastSeen() + ": " + reason + hints + stuck;
                throw UserStack.trim(new AssertionFailedError(message, new ShmTimeoutException(message, e)));
            }
        }
        if (ended != null) {
            throw UserStack.trim(ended);
        }
    }

    /** Awaitility's own message describes a lambda; but if the condition held too early, only that message says so. */
    private String reason(ConditionTimeoutException e) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        return held ? String.valueOf(e.getMessage()) : String.format(Locale.ROOT, "not within %.1f s", seconds);
    }

    private boolean isOver() throws Exception {
        if (ended != null) {
            return true; // Ended was ignored
        }
        Optional<Throwable> thrown = look();
        if (held) {
            return true;
        }
        Optional<String> wrong = sessions.stream()
                .map(TestSession::wrongEnd)
                .flatMap(Optional::stream)
                .findFirst();
        Optional<Unseen.Failure> failure = sessions.stream()
                .map(TestSession::unseenFailure)
                .flatMap(Optional::stream)
                .findFirst();
        if (wrong.isPresent() || failure.isPresent()) {
            thrown = look(); // the helper may have done its part just before
            if (held) {
                return true;
            }
            if (wrong.isPresent()) {
                throw end(wrong.get(), thrown);
            }
            sessions.forEach(session -> session.told(failure.get()));
            throw end(failure.get().message(), Optional.of(failure.get().cause()));
        }
        if (thrown.isEmpty() && isStill()) {
            throw end(nobodyLeft(), thrown);
        }
        if (waiter.isInterrupted()) {
            throw end("interrupted, by @Timeout perhaps", thrown);
        }
        if (thrown.isPresent()) {
            rethrow(thrown.get());
        }
        return false;
    }

    /** Whether all that had the segment ended, and it has not changed for a while: threads of this JVM may be slow. */
    private boolean isStill() {
        boolean nobody = condition
                .segment()
                .filter(segment -> sessions.stream().anyMatch(session -> session.hadHelperWith(segment)))
                .filter(segment -> sessions.stream().noneMatch(TestSession::hasLivingHelper))
                .isPresent();
        long now = System.nanoTime();
        if (!nobody || !condition.lastSeen().equals(before)) {
            before = condition.lastSeen();
            changed = now;
        }
        return nobody
                && now - changed > sessions.get(0).settings().scaled(STILL).toNanos();
    }

    private String nobodyLeft() {
        return "no process is left that could change it: "
                + sessions.stream().flatMap(session -> session.ended().stream()).collect(Collectors.joining(", "));
    }

    /** What the condition throws is not yet the end: settings may have it ignored, and a helper be the reason. */
    private Optional<Throwable> look() {
        held = false;
        try {
            held = condition.holds();
            return Optional.empty();
        } catch (Exception | Error e) {
            return Optional.of(e);
        }
    }

    private static void rethrow(Throwable thrown) throws Exception {
        if (thrown instanceof Error error) {
            throw error;
        }
        throw (Exception) thrown;
    }

    private Ended end(String why, Optional<Throwable> cause) {
        ended = new AssertionFailedError(what + lastSeen() + ": " + why, cause.orElse(null));
        return new Ended();
    }

    private String lastSeen() {
        String seen = condition.lastSeen();
        return seen.isEmpty() ? "" : " (" + seen + ")";
    }
}
