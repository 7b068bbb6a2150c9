package io.github.shmkit.junit;

import io.github.shmkit.internal.trace.TracerUnavailableException;
import io.github.shmkit.junit.internal.Setting;
import io.github.shmkit.junit.internal.Settings;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Held;
import io.github.shmkit.trace.PendingAccess;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Spliterators;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Makes an {@link EachPause} into invocations. */
final class EachPauseProvider implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return annotation(context).isPresent();
    }

    private static Optional<EachPause> annotation(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getTestMethod(), EachPause.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        EachPause each = annotation(context).orElseThrow();
        if (each.max() < 1) {
            throw new ExtensionConfigurationException("@EachPause(max = " + each.max() + ") on method #"
                    + context.getRequiredTestMethod().getName() + " of "
                    + context.getRequiredTestClass().getName() + ": at least 1 access is needed");
        }
        // JUnit takes one, runs it, and takes the next: the annotation keeps it on one thread.
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(new Pauses(each, context), 0), false);
    }

    /** The invocations: the first records, the others come from its record. */
    private static final class Pauses implements Iterator<TestTemplateInvocationContext> {
        private final EachPause each;
        private final ExtensionContext template;
        private final OptionalLong only;
        private @Nullable List<Access> record;
        private boolean begun;
        private boolean held; // the last one, at its access
        private int next;

        Pauses(EachPause each, ExtensionContext template) {
            this.each = each;
            this.template = template;
            this.only = Sessions.settings(template).pausePoint();
        }

        @Override
        public boolean hasNext() {
            List<Access> known = record;
            if (only.isPresent()) {
                return next == 0;
            } else if (known != null) {
                return next <= Math.min(known.size(), each.max() - 1);
            }
            // One that is selected by its id, or whose programs were killed: there may be another access.
            return next == 0 || ((!begun || held) && next < each.max());
        }

        @Override
        public TestTemplateInvocationContext next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int accesses = next++;
            return new Invocation(
                    this, only.isPresent() ? (int) Math.min(only.getAsLong(), Integer.MAX_VALUE) : accesses);
        }

        String describe(int accesses) {
            List<Access> known = record;
            if (accesses == 0) {
                return "held before its first access";
            } else if (known == null || accesses > known.size()) {
                return "held after access " + accesses;
            }
            String where = accesses == known.size() ? "behind its last access, " : "held after access ";
            return where + accesses + ": " + known.get(accesses - 1);
        }

        void recorded(List<Access> accesses) {
            if (record != null) {
                return;
            }
            record = accesses;
            if (accesses.size() >= each.max()) {
                template.publishReportEntry(
                        "shmkit.pause",
                        "the program makes " + accesses.size() + " accesses, of which the first " + (each.max() - 1)
                                + " are looked at; raise max of @EachPause for more");
            }
        }

        boolean skips() {
            return each.unsupported() == EachSegmentKind.Unsupported.SKIP
                    && Sessions.settings(template).unsupported() != Settings.Unsupported.FAIL;
        }
    }

    private record Invocation(Pauses pauses, int accesses) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "] " + pauses.describe(accesses);
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Resolver(pauses, accesses));
        }
    }

    private record Resolver(Pauses pauses, int accesses) implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == PausePoint.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            pauses.begun = true;
            return new Point(pauses, accesses, context);
        }
    }

    private static final class Point implements PausePoint {
        private final Pauses pauses;
        private final int accesses;
        private final ExtensionContext context;
        private boolean used;

        Point(Pauses pauses, int accesses, ExtensionContext context) {
            this.pauses = pauses;
            this.accesses = accesses;
            this.context = context;
        }

        @Override
        public int accesses() {
            return accesses;
        }

        @Override
        public Held runAndHold(CommandHelper.Builder program, Path... files) {
            return hold(() -> Sessions.of(context).hold(program, List.of(files)));
        }

        @Override
        public Held runAndHold(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files) {
            return hold(() -> Sessions.of(context).hold(jvm, task, List.of(files)));
        }

        private Held hold(Supplier<Held> start) {
            if (used) {
                throw new IllegalStateException("this invocation has held a program already; one is held in each");
            }
            used = true;
            if (accesses > 0) {
                Sessions.of(context)
                        .evidence()
                        .note("again alone with -D" + Setting.PAUSE_POINT.key() + "=" + accesses + ": "
                                + pauses.describe(accesses));
            }
            Held held = started(start);
            Held.State state = held.step(accesses);
            int made = held.accesses().size();
            pauses.held = state == Held.State.HELD;
            if (made < accesses || state == Held.State.BLOCKED) {
                String why = held.helper() + (state == Held.State.BLOCKED ? " is blocked" : " ended") + " after " + made
                        + " accesses, before the one after which it is to be held; "
                        + held.last().map(last -> "the last was: " + last).orElse("it made none");
                held.kill();
                held.close();
                throw new TestAbortedException(why);
            }
            return new Recorded(held, pauses);
        }

        private Held started(Supplier<Held> start) {
            try {
                Held held = start.get();
                held.state(); // held, or refused
                return held;
            } catch (TracerUnavailableException e) {
                if (pauses.skips()) {
                    throw new TestAbortedException(e.getMessage(), e);
                }
                throw e;
            }
        }

        @Override
        public String toString() {
            return pauses.describe(accesses);
        }
    }

    /** What the first program does to its end is what the others are held at. */
    private static final class Recorded implements Held {
        private final Held held;
        private final Pauses pauses;
        private boolean killed;

        Recorded(Held held, Pauses pauses) {
            this.held = held;
            this.pauses = pauses;
        }

        @Override
        public State state() {
            return held.state();
        }

        @Override
        public Optional<PendingAccess> next() {
            return held.next();
        }

        @Override
        public Optional<Access> last() {
            return held.last();
        }

        @Override
        public List<Access> accesses() {
            return held.accesses();
        }

        @Override
        public State step() {
            return held.step();
        }

        @Override
        public State step(int count) {
            return held.step(count);
        }

        @Override
        public PendingAccess stepUntil(Predicate<? super PendingAccess> access) {
            return held.stepUntil(access);
        }

        @Override
        public void resume() {
            held.resume();
        }

        @Override
        public void kill() {
            killed = true;
            held.kill();
        }

        @Override
        public Helper helper() {
            return held.helper();
        }

        @Override
        public void close() {
            held.close();
            if (!killed) {
                pauses.recorded(held.accesses());
            }
        }

        @Override
        public String toString() {
            return held.toString();
        }
    }
}
