package io.github.shmkit.field;

import io.github.shmkit.field.Row.Counts;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.RecordedState;
import io.github.shmkit.process.RemoteCallException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.MultipleFailuresError;

/** Counts what came of the invocations of a test that is {@link Asked}, and holds it against what is declared. */
final class FieldExtension implements InvocationInterceptor, AfterAllCallback {
    /** Key of a report entry: the program's line of the page follows under the heads of its columns. */
    static final String ROW = "field.row";

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(FieldExtension.class);
    private static final double NANOS = 1e9;
    private static final int SHOWN = 10;

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        Tally tally = tally(method, context);
        Optional<Long> crash = steps(method, CrashPoint.class);
        boolean unharmed = crash.or(() -> steps(method, RecordedState.class)).orElse(0L) < 0;
        try {
            invocation.proceed();
        } catch (AssertionError | RemoteCallException e) {
            if (unharmed) {
                throw e;
            }
            tally.found(kind(e, crash.isPresent()), context.getDisplayName() + ": " + e.getMessage());
        }
        // Whoever was aborted came to no point, and whoever threw something else came to no result.
        tally.end(unharmed, crash.isPresent());
    }

    /** A test that kills its process itself: at one point, and what it asserts holds. */
    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        Tally tally = tally(method, context);
        invocation.proceed();
        tally.end(false, true);
    }

    private static Tally tally(ReflectiveInvocationContext<Method> method, ExtensionContext context) {
        return tallies(context)
                .computeIfAbsent(method.getExecutable().getName(), name -> new Tally(method.getExecutable()));
    }

    private static Optional<Long> steps(ReflectiveInvocationContext<Method> method, Class<?> type) {
        return method.getArguments().stream()
                .filter(type::isInstance)
                .map(argument ->
                        (long) (argument instanceof CrashPoint at ? at.steps() : ((RecordedState) argument).steps()))
                .findFirst();
    }

    private static Kind kind(Throwable thrown, boolean crashed) {
        String message = String.valueOf(thrown.getMessage());
        if (message.startsWith("the others cannot go on") || message.startsWith("the others did not go on within")) {
            return Kind.STUCK;
        }
        return crashed && !message.startsWith("[torn") ? Kind.WRONG : Kind.TORN;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Tally> tallies(ExtensionContext context) {
        ExtensionContext ofClass = context;
        while (ofClass.getTestMethod().isPresent()) {
            ofClass = ofClass.getParent().orElseThrow();
        }
        return ofClass.getStore(NAMESPACE)
                .getOrComputeIfAbsent(Map.class, type -> new ConcurrentSkipListMap<String, Tally>(), Map.class);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Program program = context.getRequiredTestClass().getAnnotation(Program.class);
        List<Throwable> failures = new ArrayList<>();
        for (Tally tally : tallies(context).values()) {
            Asked asked =
                    AnnotationSupport.findAnnotation(tally.method, Asked.class).orElseThrow();
            Map<String, String> entry = tally.row(program, asked).cells();
            entry.values().removeIf(String::isEmpty); // which JUnit refuses
            entry.put(ROW, tally.method.getName());
            context.publishReportEntry(entry);
            tally.difference(asked).map(AssertionError::new).ifPresent(failures::add);
        }
        if (!failures.isEmpty()) {
            throw new MultipleFailuresError("not what is declared", failures);
        }
    }

    private enum Kind {
        STUCK,
        TORN,
        WRONG
    }

    /** What came of the invocations of one test. */
    private static final class Tally {
        private final Method method;
        private final long start = System.nanoTime();
        private long end = start;
        private final List<Kind> found = new ArrayList<>();
        private final List<String> messages = new ArrayList<>();
        private boolean whole;
        private int crashes;
        private int states;

        Tally(Method method) {
            this.method = method;
        }

        synchronized void found(Kind kind, String message) {
            found.add(kind);
            messages.add(kind + " " + message);
        }

        synchronized void end(boolean unharmed, boolean crash) {
            end = System.nanoTime();
            if (unharmed) {
                whole = true;
            } else if (crash) {
                crashes++;
            } else {
                states++;
            }
        }

        synchronized Counts counts() {
            return new Counts(crashes, states, count(Kind.STUCK), count(Kind.TORN), count(Kind.WRONG));
        }

        private int count(Kind kind) {
            return (int) found.stream().filter(one -> one == kind).count();
        }

        Row row(Program program, Asked asked) {
            return new Row(
                    program.name(),
                    Versions.of(program),
                    asked.operation(),
                    asked.question(),
                    asked.answer(),
                    counts(),
                    String.format(Locale.ROOT, "%.1f", (end - start) / NANOS),
                    asked.report());
        }

        /** Empty as well if some of the invocations only were asked for. */
        Optional<String> difference(Asked asked) {
            Counts now = counts();
            boolean same = (asked.points() == Asked.VARIES || asked.points() == now.points())
                    && asked.stuck() == now.stuck()
                    && asked.torn() == now.torn()
                    && asked.wrong() == now.wrong();
            return same || !whole
                    ? Optional.empty()
                    : Optional.of(method.getName() + " declares " + asked.points() + " points, " + asked.stuck()
                            + " stuck, " + asked.torn() + " torn, " + asked.wrong() + " wrong, but there are "
                            + now + ":\n" + messages.stream().limit(SHOWN).collect(Collectors.joining("\n")));
        }
    }
}
