package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.TracedCommand;
import io.github.shmkit.internal.helper.TracedJvm;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.junit.internal.StateSweep;
import io.github.shmkit.junit.internal.TestSession;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Makes an {@link EachState} into invocations. */
final class EachStateProvider implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return annotation(context).isPresent();
    }

    private static Optional<EachState> annotation(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getTestMethod(), EachState.class);
    }

    /** The context that all invocations have in common, if this is one of them. */
    static Optional<ExtensionContext> template(ExtensionContext context) {
        return annotation(context)
                .flatMap(each -> context.getParent())
                .filter(parent -> parent.getTestMethod().isPresent());
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        EachState each = annotation(context).orElseThrow();
        OneByOne.require(
                each.max() >= 1, context, "@EachState(max = " + each.max() + ")", "at least 1 content is needed");
        return OneByOne.stream(new States(each, context));
    }

    /** The invocations: the first records, the others come from its record. */
    private static final class States implements Iterator<TestTemplateInvocationContext> {
        private final EachState each;
        private final ExtensionContext template;
        private @Nullable StateSweep sweep;
        private boolean begun;
        private int next = -1; // -1: the one that records; otherwise an index into the contents

        States(EachState each, ExtensionContext template) {
            this.each = each;
            this.template = template;
        }

        @Override
        public boolean hasNext() {
            StateSweep known = sweep;
            if (known != null) {
                return next < known.chosen().size();
            }
            // One that is selected by its id records itself.
            return next < 0 || (!begun && next < each.max());
        }

        @Override
        public TestTemplateInvocationContext next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int index = next++;
            return new OneByOne.Invocation(
                    describe(index), List.of(new OneByOne.Parameter<>(RecordedState.class, context -> {
                        begun = true;
                        return new State(this, index, context);
                    })));
        }

        String describe(int index) {
            StateSweep known = sweep;
            if (index < 0) {
                return "runs to its end, and its stores are recorded";
            } else if (known == null) {
                return "content " + (index + 1);
            }
            long point = known.chosen().get(index);
            return point == 0 ? "before the first store" : "after store " + point + ": " + known.access(point);
        }

        void recorded(LogFile log) {
            StateSweep recorded = new StateSweep(log, each.max());
            if (recorded.all() > each.max()) {
                template.publishReportEntry(
                        "shmkit.state",
                        "the segments have " + recorded.all() + " contents, of which the first " + each.max()
                                + " are shown; raise max of @EachState for more");
            }
            sweep = recorded;
        }

        boolean skips() {
            return OneByOne.skips(each.unsupported(), template);
        }
    }

    private static final class State implements RecordedState {
        private final States states;
        private final int index;
        private final ExtensionContext context;
        private boolean used;

        State(States states, int index, ExtensionContext context) {
            this.states = states;
            this.index = index;
            this.context = context;
        }

        @Override
        public int steps() {
            StateSweep known = states.sweep;
            return index < 0 || known == null
                    ? index
                    : known.chosen().get(index).intValue();
        }

        @Override
        public void replay(Supplier<CommandHelper.Builder> program, Segment... segments) {
            replay(() -> record(program.get()), List.of(segments));
        }

        @Override
        public void replay(Supplier<JvmHelper.Builder> jvm, RemoteCallable<?> task, Segment... segments) {
            replay(() -> record(jvm.get(), task), List.of(segments));
        }

        private void replay(Supplier<LogFile> record, List<Segment> segments) {
            if (used) {
                throw new IllegalStateException(
                        "this invocation has replayed a program already; one is recorded in each");
            }
            used = true;
            if (segments.isEmpty()) {
                throw new IllegalArgumentException("no segment is to be given the content; name it behind the program");
            }
            StateSweep known = states.sweep;
            if (known == null) {
                states.recorded(OneByOne.traced(states.skips(), record));
                known = states.sweep;
            }
            if (index < 0 || known == null) {
                return;
            }
            if (index >= known.chosen().size()) {
                throw new TestAbortedException(
                        "the program left " + known.chosen().size() + " contents this time");
            }
            known.show(known.chosen().get(index), segments);
        }

        private LogFile record(CommandHelper.Builder program) {
            TestSession session = Sessions.of(context);
            TracedCommand traced = session.traced(program, Tracing.NEVER, true, List.of(), false);
            Exit exit = ProgramPoint.awaitEnd(traced, traced::awaitExit);
            LogFile log = session.accesses(traced);
            if (!exit.isSuccess()) {
                throw new HelperDiedException(
                        traced + " " + exit + " while its stores were recorded; let it end with 0", Optional.of(exit));
            }
            return whole(traced, log);
        }

        private LogFile record(JvmHelper.Builder jvm, RemoteCallable<?> task) {
            TestSession session = Sessions.of(context);
            TracedJvm traced = session.traced(jvm, Tracing.NEVER, List.of(), false);
            ProgramPoint.awaitEnd(traced, traced.submitArmed(task)::await);
            traced.exit(0);
            return whole(traced, session.accesses(traced));
        }

        private static LogFile whole(Object traced, LogFile log) {
            ProgramPoint.emptiness(log).ifPresent(why -> {
                throw new ShmException(traced + why);
            });
            return log;
        }

        @Override
        public String toString() {
            return states.describe(index);
        }
    }
}
