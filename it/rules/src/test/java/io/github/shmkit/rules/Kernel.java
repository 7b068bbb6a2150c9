package io.github.shmkit.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Signal;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.SysResult;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Holds a rule against what the kernel does. What is asserted here is what the page shows: there is no second way. */
final class Kernel {
    private final boolean changed;
    private final List<String> seen = new CopyOnWriteArrayList<>();

    /**
     * A kernel that has been asked nothing.
     *
     * @param changed whether each expectation is replaced by one that nothing meets, to see that rules look at all
     */
    Kernel(boolean changed) {
        this.changed = changed;
    }

    /** A call fails with an error, or one of several that the rule allows. */
    void refuses(String what, SysResult result, String errno, String... orElse) {
        String outcome = outcome(result);
        boolean isOther = Arrays.asList(orElse).contains(outcome);
        holds(what, outcome, isOther ? outcome : errno);
    }

    /** A call fails with an error, where the page needs no more than the function's name. */
    void refuses(SysResult result, String errno) {
        refuses(result.call().function(), result, errno);
    }

    /** A call succeeds; its value. */
    long accepts(String what, SysResult result) {
        holds(what, outcome(result), "accepted");
        return result.value();
    }

    /** A call succeeds, where the page needs no more than the function's name; its value. */
    long accepts(SysResult result) {
        return accepts(result.call().function(), result);
    }

    /** A value is what the rule says. */
    void shows(String what, Object actual, Object expected) {
        holds(what, actual, expected);
    }

    /** What happens, where the rule leaves that open. */
    void notes(String what, Object actual) {
        seen.add(what + ": " + actual);
    }

    /** What a process does ends it by a signal. */
    void kills(NativeHelper victim, Signal signal, String what, Consumer<NativeHelper> act) {
        victim.expectExit(ExitPredicate.killedBy(signal));
        holds(what, outcome(victim, act), signal.name());
    }

    private static String outcome(NativeHelper victim, Consumer<NativeHelper> act) {
        try {
            act.accept(victim);
            return "nothing happened";
        } catch (HelperDiedException e) {
            return e.exit().map(Kernel::name).orElse("it died, nobody knows of what");
        }
    }

    private static String name(Exit exit) {
        return exit instanceof Exit.Killed killed ? killed.signal().name() : exit.toString();
    }

    private static String outcome(SysResult result) {
        return result.succeeded() ? "accepted" : result.errno();
    }

    private void holds(String what, Object actual, Object expected) {
        notes(what, actual);
        if (changed) {
            assertThat(actual).as(what).isEqualTo(new SomethingElse(expected));
        }
        assertThat(actual).as(what).isEqualTo(expected);
    }

    /** In the order in which it was noted, without repetitions. */
    List<String> seen() {
        return seen.stream().distinct().toList();
    }

    /** Equal to nothing else. */
    private record SomethingElse(Object than) {
        @Override
        public String toString() {
            return "something else than " + than;
        }
    }
}
