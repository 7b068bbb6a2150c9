package io.github.shmkit.junit;

import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.junit.internal.CrashSweep;
import io.github.shmkit.junit.internal.Settings;
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

/** The invocations of an {@link EachCrashPoint} for a program: the first records, the others come from its record. */
final class ProgramCrashes implements Iterator<TestTemplateInvocationContext>, ProgramPoint.Sweep {
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
        return new Invocation(
                index < 0 || sweep == null ? Tracing.NEVER : sweep.chosen().get(index));
    }

    @Override
    public String describe(long point) {
        CrashSweep known = sweep;
        if (point == Tracing.NEVER || known == null) {
            return "runs to its end, and its stores are recorded";
        }
        return point == 0
                ? "killed before the first store"
                : "killed after store " + point + ": " + known.access(point);
    }

    @Override
    public void recorded(LogFile record) {
        CrashSweep recorded = new CrashSweep(record, each.points() == EachCrashPoint.Points.STATES, each.max());
        if (recorded.all() > each.max()) {
            publish("the program has " + recorded.all() + " points to die at, of which the first " + each.max()
                    + " are run; raise max of @EachCrashPoint for more");
        }
        sweep = recorded;
    }

    @Override
    public Optional<String> difference(LogFile run) {
        return Optional.ofNullable(sweep).flatMap(record -> record.difference(run));
    }

    @Override
    public boolean skips() {
        return each.unsupported() == EachSegmentKind.Unsupported.SKIP
                && Sessions.settings(template).unsupported() != Settings.Unsupported.FAIL;
    }

    @Override
    public void publish(String text) {
        template.publishReportEntry("shmkit.crash", text);
    }

    private final class Invocation implements TestTemplateInvocationContext {
        private final long point;

        Invocation(long point) {
            this.point = point;
        }

        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "] " + describe(point);
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Resolver(point));
        }
    }

    private final class Resolver implements ParameterResolver {
        private final long point;

        Resolver(long point) {
            this.point = point;
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CrashPoint.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return new ProgramPoint(point, context, ProgramCrashes.this);
        }
    }
}
