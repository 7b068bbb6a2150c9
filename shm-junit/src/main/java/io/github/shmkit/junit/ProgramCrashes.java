package io.github.shmkit.junit;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.SessionCheckpoints;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.junit.internal.Bisection;
import io.github.shmkit.junit.internal.CrashSweep;
import io.github.shmkit.junit.internal.Setting;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** The invocations of an {@link EachCrashPoint} for a program: the first records, the others come from its record. */
final class ProgramCrashes implements Iterator<TestTemplateInvocationContext>, ProgramPoint.Sweep {
    /** Of an invocation that cannot be, since nothing was recorded. */
    private static final long UNKNOWN = -2;

    private static final int MESSAGE = 80;

    private final EachCrashPoint each;
    private final ExtensionContext template;
    private final OptionalLong only;
    private @Nullable CrashSweep sweep;
    private @Nullable Bisection bisection;
    private boolean begun;
    private int made;
    private int coming = -1; // an index into the chosen points, if the next one is known

    private ProgramCrashes(EachCrashPoint each, ExtensionContext template) {
        this.each = each;
        this.template = template;
        this.only = Sessions.settings(template).crashPoint();
    }

    static Stream<TestTemplateInvocationContext> invocations(EachCrashPoint each, ExtensionContext template) {
        OneByOne.require(
                each.max() >= 1, template, "@EachCrashPoint(max = " + each.max() + ")", "at least 1 point is needed");
        return OneByOne.stream(new ProgramCrashes(each, template));
    }

    @Override
    public boolean hasNext() {
        if (made == 0) {
            return true;
        }
        CrashSweep known = sweep;
        if (only.isPresent() || (known == null && begun)) {
            return false;
        }
        if (known == null) {
            return made <= each.max(); // selected by its id, without the one that records
        }
        if (coming < 0 && made <= each.max()) {
            coming = bisection == null
                    ? (made - 1 < known.chosen().size() ? made - 1 : -1)
                    : bisection.next().orElse(-1);
            if (coming < 0 && bisection != null) {
                publish(bisection.asked() + " of " + known.chosen().size() + " points were run");
                bisection = null;
            }
        }
        return coming >= 0;
    }

    @Override
    public TestTemplateInvocationContext next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        CrashSweep known = sweep;
        int index = coming;
        coming = -1;
        if (made++ == 0) {
            return invocation(only.orElse(Tracing.NEVER), index);
        }
        return invocation(known == null ? UNKNOWN : known.chosen().get(index), index);
    }

    private TestTemplateInvocationContext invocation(long point, int index) {
        found(index, "not run");
        return new OneByOne.Invocation(
                describe(point),
                List.of(
                        new OneByOne.Parameter<>(CrashPoint.class, context -> {
                            begun |= point == Tracing.NEVER;
                            return new ProgramPoint(point, context, this);
                        }),
                        new Watcher(index)));
    }

    @Override
    public String describe(long point) {
        CrashSweep known = sweep;
        if (point == Tracing.NEVER) {
            return "runs to its end, and its stores are recorded";
        } else if (point == 0) {
            return "killed before the first store";
        } else if (point == UNKNOWN) {
            return "killed after a store that is not known";
        }
        return "killed after store " + point + (known == null ? "" : ": " + known.access(point));
    }

    @Override
    public Optional<String> isUnknown(long point) {
        return point == UNKNOWN
                ? Optional.of(
                        "after which store the program dies in this invocation is known only after the first; run the "
                                + "whole method, or one point by -D" + Setting.CRASH_POINT.key() + "=NUMBER")
                : Optional.empty();
    }

    @Override
    public boolean inCheckpoints() {
        return !each.from().isEmpty() || !each.to().isEmpty();
    }

    @Override
    public void recorded(LogFile record, SessionCheckpoints checkpoints) {
        boolean bisects = each.points() == EachCrashPoint.Points.BISECT;
        long from = reached(each.from(), record, checkpoints).orElse(0);
        long to = reached(each.to(), record, checkpoints).orElse(Long.MAX_VALUE);
        if (from > to) {
            throw new ShmException(
                    "the program reached checkpoint '" + each.to() + "', with which its points end, before '"
                            + each.from() + "', with which they begin; exchange from and to of @EachCrashPoint");
        }
        CrashSweep recorded = new CrashSweep(
                record,
                each.points() != EachCrashPoint.Points.STORES,
                bisects ? Integer.MAX_VALUE : each.max(),
                new CrashSweep.Part(from, to));
        if (recorded.all() > each.max() && !bisects) {
            publish("the program has " + recorded.all() + " points to die at, of which the first " + each.max()
                    + " are run; raise max of @EachCrashPoint for more");
        }
        if (bisects) {
            bisection = new Bisection(recorded.chosen().size());
        }
        sweep = recorded;
    }

    /** The first time that a checkpoint was reached, which is a store like others. */
    private static OptionalLong reached(String name, LogFile record, SessionCheckpoints checkpoints) {
        if (name.isEmpty()) {
            return OptionalLong.empty();
        }
        OptionalLong place = checkpoints.placeOfCount(name);
        OptionalLong point = place.isEmpty()
                ? OptionalLong.empty()
                : record.log().points().stream()
                        .filter(access -> access.changes().stream()
                                .anyMatch(change -> change.covers(Tracing.CHECKPOINTS, place.getAsLong())))
                        .mapToLong(access -> access.point())
                        .findFirst();
        if (point.isEmpty()) {
            throw new ShmException("the program did not reach checkpoint '" + name + "', which bounds its points; "
                    + checkpoints.reached().orElse("it reached none"));
        }
        return point;
    }

    @Override
    public Optional<String> difference(LogFile run) {
        return Optional.ofNullable(sweep).flatMap(record -> record.difference(run));
    }

    @Override
    public boolean skips() {
        return OneByOne.skips(each.unsupported(), template);
    }

    @Override
    public void publish(String text) {
        template.publishReportEntry("shmkit.crash", text);
    }

    private void found(int index, String result) {
        Bisection known = bisection;
        if (known != null && index >= 0) {
            known.found(index, result);
        }
    }

    /** Keeps the result of an invocation, before the next one is chosen. */
    private final class Watcher implements TestWatcher {
        private final int index;

        Watcher(int index) {
            this.index = index;
        }

        @Override
        public void testSuccessful(ExtensionContext context) {
            found(index, "passed");
        }

        @Override
        public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
            found(index, "aborted");
        }

        @Override
        public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
            String message = String.valueOf(cause).replaceAll("(0x)?[0-9a-f]*[0-9][0-9a-f]*", "#"); // pids, addresses
            found(index, message.substring(0, Math.min(MESSAGE, message.length())));
        }
    }
}
