package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Setting;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.Held;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
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
        OneByOne.require(
                each.max() >= 1, context, "@EachPause(max = " + each.max() + ")", "at least 1 access is needed");
        return OneByOne.stream(new Pauses(each, context));
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
            int number = next++;
            int accesses = only.isPresent() ? (int) Math.min(only.getAsLong(), Integer.MAX_VALUE) : number;
            return new OneByOne.Invocation(
                    describe(accesses), List.of(new OneByOne.Parameter<>(PausePoint.class, context -> {
                        begun = true;
                        return new Point(this, accesses, context);
                    })));
        }

        String describe(int accesses) {
            List<Access> known = record;
            if (accesses == 0) {
                return "held before its first access";
            } else if (known == null || accesses > known.size()) {
                return "held after access " + accesses;
            }
            String where = accesses == known.size() ? "after its last access, " : "held after access ";
            return where + accesses + ": " + known.get(accesses - 1);
        }

        /** The first program that goes on to its end tells at which accesses the others are held. */
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
            return OneByOne.skips(each.unsupported(), template);
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
            return hold(() -> Sessions.of(context).hold(program, List.of(files), pauses::recorded));
        }

        @Override
        public Held runAndHold(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files) {
            return hold(() -> Sessions.of(context).hold(jvm, task, List.of(files), pauses::recorded));
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
            Held held = OneByOne.traced(pauses.skips(), () -> {
                Held started = start.get();
                started.state(); // held, or refused
                return started;
            });
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
            return held;
        }

        @Override
        public String toString() {
            return pauses.describe(accesses);
        }
    }
}
