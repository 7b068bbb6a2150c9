package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.helper.TracedCommand;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.junit.internal.CrashSweep;
import io.github.shmkit.junit.internal.TestSession;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.opentest4j.TestAbortedException;

/** The invocations of an {@link EachCrashPoint} for a program: the first records, the others come from its record. */
final class ProgramCrashes implements Iterator<TestTemplateInvocationContext> {
    private final EachCrashPoint each;
    private final ExtensionContext template;
    private @Nullable CrashSweep sweep;
    private int next = -1; // -1: the one that records; otherwise an index into the chosen points

    private ProgramCrashes(EachCrashPoint each, ExtensionContext template) {
        this.each = each;
        this.template = template;
    }

    static Stream<TestTemplateInvocationContext> invocations(EachCrashPoint each, ExtensionContext template) {
        if (each.max() < 1) {
            throw new ExtensionConfigurationException("@EachCrashPoint(max = " + each.max() + ") on method #"
                    + template.getRequiredTestMethod().getName() + " of "
                    + template.getRequiredTestClass().getName() + ": at least 1 point is needed");
        }
        // JUnit takes one, runs it, and takes the next: the annotation keeps it on one thread.
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(new ProgramCrashes(each, template), 0), false);
    }

    @Override
    public boolean hasNext() {
        return next < 0 || (sweep != null && next < sweep.chosen().size());
    }

    @Override
    public TestTemplateInvocationContext next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        int index = next++;
        return index < 0 || sweep == null
                ? new Invocation(Tracing.NEVER, "runs to its end, and its stores are recorded")
                : new Invocation(
                        sweep.chosen().get(index),
                        describe(sweep, sweep.chosen().get(index)));
    }

    private static String describe(CrashSweep sweep, long point) {
        return point == 0
                ? "killed before the first store"
                : "killed after store " + point + ": " + sweep.access(point);
    }

    private void recorded(LogFile record) {
        CrashSweep recorded = new CrashSweep(record, each.points() == EachCrashPoint.Points.STATES, each.max());
        if (recorded.all() > each.max()) {
            template.publishReportEntry(
                    "shmkit.crash",
                    "the program has " + recorded.all() + " points to die at, of which the first " + each.max()
                            + " are run; raise max of @EachCrashPoint for more");
        }
        sweep = recorded;
    }

    private final class Invocation implements TestTemplateInvocationContext {
        private final long point;
        private final String description;

        Invocation(long point, String description) {
            this.point = point;
            this.description = description;
        }

        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "] " + description;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Resolver(point, description));
        }
    }

    private final class Resolver implements ParameterResolver {
        private final long point;
        private final String description;

        Resolver(long point, String description) {
            this.point = point;
            this.description = description;
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CrashPoint.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return new Point(point, description, context);
        }
    }

    private final class Point implements CrashPoint {
        private final long point;
        private final String description;
        private final ExtensionContext context;
        private boolean used;

        Point(long point, String description, ExtensionContext context) {
            this.point = point;
            this.description = description;
            this.context = context;
        }

        @Override
        public int steps() {
            return (int) point;
        }

        @Override
        public void runAndCrash(Segment... segments) {
            throw new IllegalStateException(
                    "@EachCrashPoint has no script to run; give runAndCrash a program, or the annotation a script");
        }

        @Override
        public void runAndCrash(CommandHelper.Builder program, Path... files) {
            if (used) {
                throw new IllegalStateException("this invocation has run a program already; one program dies in each");
            }
            used = true;
            TestSession session = Sessions.of(context);
            TracedCommand traced = session.traced(program, point, List.of(files));
            Exit exit = traced.awaitExit();
            LogFile log = session.accesses(traced);
            if (point == Tracing.NEVER) {
                requireWhole(traced, exit, log);
                recorded(log);
            } else {
                judge(traced, exit, log);
            }
        }

        private void requireWhole(TracedCommand traced, Exit exit, LogFile log) {
            if (!exit.isSuccess()) {
                throw new HelperDiedException(
                        traced + " " + exit
                                + " by itself while its stores were recorded; let it work before it is killed",
                        Optional.of(exit));
            }
            if (log.log().points().isEmpty()) {
                throw new ShmException(traced
                        + (log.initial().isEmpty()
                                ? " never mapped what it is traced in; attach the segment that it maps, or name the file"
                                : " mapped " + String.join(", ", log.initial().keySet())
                                        + ", but changed no byte of it"));
            }
        }

        private void judge(TracedCommand traced, Exit exit, LogFile log) {
            Optional<String> difference = Optional.ofNullable(sweep).flatMap(record -> record.difference(log));
            traced.expectExit(log.killed() ? ExitPredicate.killedBy(Signal.SIGKILL) : ExitPredicate.any());
            if (!log.killed()) {
                throw new TestAbortedException(traced + " " + exit + " before store " + point + ", after "
                        + log.log().points().size() + " stores"
                        + difference.map(text -> ": " + text).orElse(""));
            }
            difference.ifPresent(text -> context.publishReportEntry("shmkit.crash", "not as recorded: " + text));
        }

        @Override
        public String toString() {
            return description;
        }
    }
}
