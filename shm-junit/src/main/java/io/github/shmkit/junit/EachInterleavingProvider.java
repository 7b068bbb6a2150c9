package io.github.shmkit.junit;

import io.github.shmkit.internal.trace.TracerUnavailableException;
import io.github.shmkit.junit.internal.Interleavings;
import io.github.shmkit.junit.internal.Interleavings.Part;
import io.github.shmkit.junit.internal.Interleavings.Strategy;
import io.github.shmkit.junit.internal.Settings;
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
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Makes an {@link EachInterleaving} or {@link RandomInterleavings} into invocations. */
final class EachInterleavingProvider implements TestTemplateInvocationContextProvider {
    /** What the annotation says. */
    private record Wish(String annotation, Strategy strategy, EachSegmentKind.Unsupported unsupported) {}

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
        // JUnit takes one, runs it, and takes the next: the annotation keeps it on one thread.
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(new Runs(wish(context), context), 0), false);
    }

    private static Wish wish(ExtensionContext context) {
        Optional<EachInterleaving> each =
                AnnotationSupport.findAnnotation(context.getTestMethod(), EachInterleaving.class);
        if (each.isPresent()) {
            EachInterleaving all = each.get();
            require(
                    all.max() >= 1,
                    "@EachInterleaving(max = " + all.max() + ")",
                    "at least 1 order is needed",
                    context);
            require(
                    all.preemptions() >= 0,
                    "@EachInterleaving(preemptions = " + all.preemptions() + ")",
                    "at least 0 preemptions are possible",
                    context);
            return new Wish(
                    "@EachInterleaving",
                    new Strategy.Bounded(all.preemptions(), all.everywhere(), all.max()),
                    all.unsupported());
        }
        RandomInterleavings some = AnnotationSupport.findAnnotation(context.getTestMethod(), RandomInterleavings.class)
                .orElseThrow();
        require(some.runs() >= 1, "@RandomInterleavings(runs = " + some.runs() + ")", "at least 1 is needed", context);
        require(
                some.depth() >= 1,
                "@RandomInterleavings(depth = " + some.depth() + ")",
                "at least 1 is needed",
                context);
        long seed = Sessions.run(context).seed();
        return new Wish(
                "@RandomInterleavings", new Strategy.ByChance(some.runs(), some.depth(), seed), some.unsupported());
    }

    private static void require(boolean holds, String what, String why, ExtensionContext context) {
        if (!holds) {
            throw new ExtensionConfigurationException(what + " on method #"
                    + context.getRequiredTestMethod().getName() + " of "
                    + context.getRequiredTestClass().getName() + ": " + why);
        }
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
            return new Run(this, interleavings.begin());
        }

        boolean skips() {
            return wish.unsupported() == EachSegmentKind.Unsupported.SKIP
                    && Sessions.settings(template).unsupported() != Settings.Unsupported.FAIL;
        }
    }

    private record Run(Runs runs, String name) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "] " + name;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Around(runs, name));
        }
    }

    /** Has each invocation begin alike, and end the test if it fails. */
    private record Around(Runs runs, String name)
            implements ParameterResolver, BeforeEachCallback, InvocationInterceptor, AfterTestExecutionCallback {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Interleaving.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return new One(runs, name, context);
        }

        @Override
        public void beforeEach(ExtensionContext context) {
            runs.interleavings.refill();
        }

        /** Only here all parameters are there. */
        @Override
        public void interceptTestTemplateMethod(
                Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
                throws Throwable {
            runs.interleavings.keep();
            invocation.proceed();
        }

        @Override
        public void afterTestExecution(ExtensionContext context) {
            if (context.getExecutionException()
                    .filter(thrown -> !(thrown instanceof TestAbortedException))
                    .isPresent()) {
                runs.interleavings.failed(Sessions.of(context).evidence());
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
            try {
                result = runs.interleavings.run(
                        Sessions.of(context),
                        Arrays.stream(programs).map(One::part).toList());
            } catch (TracerUnavailableException e) {
                if (runs.skips()) {
                    throw new TestAbortedException(e.getMessage(), e);
                }
                throw e;
            }
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
