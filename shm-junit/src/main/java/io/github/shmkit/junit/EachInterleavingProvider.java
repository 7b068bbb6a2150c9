package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Interleavings;
import io.github.shmkit.junit.internal.Interleavings.Part;
import io.github.shmkit.junit.internal.Interleavings.Strategy;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.AccessLog;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Makes an {@link EachInterleaving} or {@link RandomInterleavings} into invocations. */
final class EachInterleavingProvider implements TestTemplateInvocationContextProvider {
    /** What the annotation says. */
    private record Wish(Strategy strategy, EachSegmentKind.Unsupported unsupported) {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return isOn(context);
    }

    private static boolean isOn(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), EachInterleaving.class)
                || AnnotationSupport.isAnnotated(context.getTestMethod(), RandomInterleavings.class);
    }

    /** The context that all invocations have in common, if this is one of them. */
    static Optional<ExtensionContext> template(ExtensionContext context) {
        return isOn(context)
                ? context.getParent().filter(parent -> parent.getTestMethod().isPresent())
                : Optional.empty();
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        return OneByOne.stream(new Runs(wish(context), context));
    }

    private static Wish wish(ExtensionContext context) {
        Optional<EachInterleaving> each =
                AnnotationSupport.findAnnotation(context.getTestMethod(), EachInterleaving.class);
        if (each.isPresent()) {
            EachInterleaving all = each.get();
            String written = "@EachInterleaving(";
            OneByOne.require(
                    all.max() >= 1, context, written + "max = " + all.max() + ")", "at least 1 order is needed");
            OneByOne.require(
                    all.preemptions() >= 0,
                    context,
                    written + "preemptions = " + all.preemptions() + ")",
                    "at least 0 preemptions are possible");
            return new Wish(new Strategy.Bounded(all.preemptions(), all.everywhere(), all.max()), all.unsupported());
        }
        RandomInterleavings some = AnnotationSupport.findAnnotation(context.getTestMethod(), RandomInterleavings.class)
                .orElseThrow();
        String written = "@RandomInterleavings(";
        OneByOne.require(some.runs() >= 1, context, written + "runs = " + some.runs() + ")", "at least 1 is needed");
        OneByOne.require(some.depth() >= 1, context, written + "depth = " + some.depth() + ")", "at least 1 is needed");
        long seed = Sessions.run(context).seed();
        return new Wish(new Strategy.ByChance(some.runs(), some.depth(), seed), some.unsupported());
    }

    /** The invocations, each of which is chosen when the one before has ended. */
    private static final class Runs implements Iterator<TestTemplateInvocationContext> {
        private final Wish wish;
        private final ExtensionContext template;
        private final Interleavings interleavings;
        private boolean told;

        Runs(Wish wish, ExtensionContext template) {
            this.wish = wish;
            this.template = template;
            this.interleavings = new Interleavings(
                    wish.strategy(), Sessions.settings(template).schedule(), Sessions.of(template));
        }

        @Override
        public boolean hasNext() {
            boolean more = interleavings.hasNext();
            if (!more && !told) {
                told = true;
                interleavings.lastWord().ifPresent(text -> template.publishReportEntry("shmkit.interleavings", text));
            }
            return more;
        }

        @Override
        public TestTemplateInvocationContext next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            String name = interleavings.begin();
            return new OneByOne.Invocation(
                    name,
                    List.of(
                            new OneByOne.Parameter<>(Interleaving.class, context -> new One(this, name, context)),
                            new Around(interleavings)));
        }

        boolean skips() {
            return OneByOne.skips(wish.unsupported(), template);
        }
    }

    /** Has each invocation begin alike, and end the test if it fails. */
    private record Around(Interleavings interleavings)
            implements BeforeEachCallback, InvocationInterceptor, AfterTestExecutionCallback {
        @Override
        public void beforeEach(ExtensionContext context) {
            interleavings.refill();
        }

        /** Only here all parameters are there. */
        @Override
        public void interceptTestTemplateMethod(
                Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
                throws Throwable {
            interleavings.keep();
            invocation.proceed();
        }

        @Override
        public void afterTestExecution(ExtensionContext context) {
            if (context.getExecutionException()
                    .filter(thrown -> !(thrown instanceof TestAbortedException))
                    .isPresent()) {
                interleavings.failed(Sessions.of(context).evidence());
            }
        }
    }

    /** A program that takes part. */
    private record Taking(Part part) implements Interleaving.Program {}

    private static final class One implements Interleaving {
        private final Runs runs;
        private final String name;
        private final ExtensionContext context;
        private boolean used;
        private Interleavings.@Nullable Result result;

        One(Runs runs, String name, ExtensionContext context) {
            this.runs = runs;
            this.name = name;
            this.context = context;
        }

        @Override
        public Program command(CommandHelper.Builder program, Path... files) {
            return new Taking(new Part.Command(Sessions.nameOf(program), program, List.of(files)));
        }

        @Override
        public Program task(JvmHelper.Builder jvm, RemoteCallable<?> task) {
            return new Taking(new Part.Task(Sessions.nameOf(jvm), jvm, task));
        }

        @Override
        public void of(CommandHelper.Builder... programs) {
            of(Arrays.stream(programs).map(program -> command(program)).toArray(Program[]::new));
        }

        @Override
        public void of(Program... programs) {
            if (used) {
                throw new IllegalStateException(
                        "this invocation has run its programs already; one order is run in each");
            }
            used = true;
            List<Part> parts = Arrays.stream(programs).map(One::part).toList();
            result = OneByOne.traced(runs.skips(), () -> runs.interleavings.run(Sessions.of(context), parts));
        }

        private static Part part(Program program) {
            if (program instanceof Taking taking) {
                return taking.part();
            }
            throw new IllegalArgumentException(
                    "a program takes part as what command(…) or task(…) of the Interleaving returns, not as "
                            + program);
        }

        @Override
        public AccessLog log() {
            return result().log();
        }

        @Override
        public String schedule() {
            return result().schedule().toString();
        }

        private Interleavings.Result result() {
            Interleavings.Result known = result;
            if (known == null) {
                throw new IllegalStateException("no programs have run in this invocation yet; call of(…) first");
            }
            return known;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
