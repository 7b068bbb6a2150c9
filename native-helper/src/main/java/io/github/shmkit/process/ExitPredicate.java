package io.github.shmkit.process;

import io.github.shmkit.Signal;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A way to end that a test declares, see {@link Helper#expectExit}.
 *
 * @since 0.1.0
 */
public final class ExitPredicate implements Predicate<Exit> {
    private static final List<Signal> CRASHES =
            List.of(Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGILL, Signal.SIGFPE, Signal.SIGABRT);

    private final String description;
    private final Predicate<Exit> condition;

    private ExitPredicate(String description, Predicate<Exit> condition) {
        this.description = description;
        this.condition = condition;
    }

    /**
     * Any condition.
     *
     * @param description reads well after "should have"
     * @param condition true for the exits that are meant
     * @return the predicate
     */
    public static ExitPredicate of(String description, Predicate<Exit> condition) {
        return new ExitPredicate(description, condition);
    }

    /**
     * Death by a signal.
     *
     * @param signal which
     * @return the predicate
     */
    public static ExitPredicate killedBy(Signal signal) {
        return of(
                "been killed by " + signal,
                e -> e instanceof Exit.Killed killed && killed.signal().equals(signal));
    }

    /**
     * An exit code.
     *
     * @param code 0 to 255
     * @return the predicate
     */
    public static ExitPredicate exitCode(int code) {
        return of("exited with code " + code, Exit.code(code)::equals);
    }

    /**
     * A crash: a fault's own signal, or the SIGABRT that a JVM makes of it.
     *
     * @return the predicate
     */
    public static ExitPredicate crashed() {
        return of("crashed", e -> e instanceof Exit.Killed killed && CRASHES.contains(killed.signal()));
    }

    /**
     * Any end.
     *
     * @return the predicate
     */
    public static ExitPredicate any() {
        return of("ended", e -> true);
    }

    /**
     * One of several.
     *
     * @param alternatives at least one
     * @return the predicate
     */
    public static ExitPredicate anyOf(ExitPredicate... alternatives) {
        List<ExitPredicate> all = List.of(alternatives);
        return of(
                Arrays.stream(alternatives).map(ExitPredicate::toString).collect(Collectors.joining(" or ")),
                e -> all.stream().anyMatch(p -> p.test(e)));
    }

    /**
     * Whether an exit is meant.
     *
     * @param exit how a helper ended
     * @return true if it is
     */
    @Override
    public boolean test(Exit exit) {
        return condition.test(exit);
    }

    /** Reads well after "should have". */
    @Override
    public String toString() {
        return description;
    }
}
