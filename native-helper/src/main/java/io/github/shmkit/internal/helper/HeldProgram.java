package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.trace.LogRecord;
import io.github.shmkit.internal.trace.Turns;
import io.github.shmkit.process.Helper;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Held;
import io.github.shmkit.trace.PendingAccess;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A traced program that is given its turns by the test. */
public final class HeldProgram implements Held {
    private final TracedHelper helper;
    private final Turns turns;
    private final Runnable end;
    private final Consumer<List<Access>> record;
    private boolean killed;
    private boolean closed;

    /**
     * One that was started to be held.
     *
     * @param end waits for its end, and throws an AssertionError if it is not a good one
     * @param record is given all accesses after a good end
     */
    public HeldProgram(TracedHelper helper, Runnable end, Consumer<List<Access>> record) {
        this.helper = helper;
        this.turns = helper.turns();
        this.end = end;
        this.record = record;
    }

    @Override
    public State state() {
        State look = turns.look();
        State now = look == State.RESUMED && !closed ? turns.await() : look;
        if (now == State.ENDED) {
            turns.refusal().ifPresent(refusal -> {
                throw refusal;
            });
        }
        return now;
    }

    @Override
    public Optional<PendingAccess> next() {
        return state() == State.HELD
                ? turns.waiting().stream().findFirst().map(LogRecord.Waits::named)
                : Optional.empty();
    }

    @Override
    public Optional<Access> last() {
        List<LogRecord.Made> made = turns.made();
        return made.isEmpty()
                ? Optional.empty()
                : Optional.of(made.get(made.size() - 1).named());
    }

    @Override
    public List<Access> accesses() {
        return turns.made().stream().map(LogRecord.Made::named).toList();
    }

    @Override
    public State step() {
        State now = state();
        if (now != State.HELD) {
            throw new IllegalStateException(helper + " is not held before an access, but "
                    + switch (now) {
                        case BLOCKED -> "blocked in a system call" + lastWords() + "; release it, and step again";
                        case ENDED -> "has ended" + lastWords();
                        default -> "goes on, since it was resumed";
                    });
        }
        turns.give(turns.waiting().get(0));
        return turns.await();
    }

    @Override
    public State step(int accesses) {
        if (accesses < 0) {
            throw new IllegalArgumentException("a program makes at least 0 accesses, not " + accesses);
        }
        State now = state();
        for (int i = 0; i < accesses && now == State.HELD; i++) {
            now = step();
        }
        return now;
    }

    @Override
    public PendingAccess stepUntil(Predicate<? super PendingAccess> access) {
        while (true) {
            Optional<PendingAccess> next = next();
            if (next.isEmpty()) {
                throw new AssertionError(helper + " made no such access: it "
                        + switch (turns.look()) {
                            case BLOCKED -> "is blocked in a system call";
                            case RESUMED -> "goes on, since it was resumed,";
                            default -> "has ended";
                        }
                        + lastWords());
            } else if (access.test(next.get())) {
                return next.get();
            }
            step();
        }
    }

    private String lastWords() {
        int count = turns.made().size();
        return " after " + count + (count == 1 ? " access" : " accesses")
                + last().map(access -> ", the last of which is: " + access).orElse("");
    }

    @Override
    public void resume() {
        turns.resume();
    }

    @Override
    public void kill() {
        killed = true;
        helper.kill();
    }

    @Override
    public Helper helper() {
        return helper;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Throwable thrown = attempt(null, () -> {
            if (!killed) {
                turns.resume();
                end.run();
            }
        });
        thrown = attempt(thrown, () -> {
            if (!helper.isAlive()) {
                turns.awaitTracerEnd();
            }
            turns.look(); // what it did until its end
        });
        thrown = attempt(thrown, turns::close);
        if (thrown instanceof Error error) {
            throw error;
        } else if (thrown instanceof RuntimeException exception) {
            throw exception;
        } else if (!killed) {
            record.accept(accesses());
        }
    }

    /** The first thing that went wrong, with what went wrong after it. */
    private static @Nullable Throwable attempt(@Nullable Throwable before, Runnable action) {
        try {
            action.run();
            return before;
        } catch (RuntimeException | Error e) {
            if (before == null) {
                return e;
            }
            before.addSuppressed(e);
            return before;
        }
    }

    @Override
    public String toString() {
        return helper + ", held" + lastWords();
    }
}
