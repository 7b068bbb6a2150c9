package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.script.Instructions;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.script.Script;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.jupiter.api.function.Executable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/** Makes an {@link EachCrashPoint} into invocations. */
final class EachCrashPointProvider implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return annotation(context).isPresent();
    }

    private static Optional<EachCrashPoint> annotation(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getTestMethod(), EachCrashPoint.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        EachCrashPoint each = annotation(context).orElseThrow();
        if (each.script() == EachCrashPoint.NoScript.class) {
            return ProgramCrashes.invocations(each, context);
        }
        Script script = ReflectionSupport.newInstance(each.script()).get();
        List<Integer> points = points(script);
        if (points.size() < 2) {
            throw new ExtensionConfigurationException("@EachCrashPoint on method #"
                    + context.getRequiredTestMethod().getName() + " of "
                    + context.getRequiredTestClass().getName() + ": the script of "
                    + each.script().getName()
                    + " has no steps");
        }
        return points.stream().map(steps -> new Invocation(script, steps, points.size()));
    }

    /** Numbers of steps after which something may have changed. */
    private static List<Integer> points(Script script) {
        List<Integer> points = new ArrayList<>(List.of(0));
        for (int i = 0; i < Instructions.of(script).steps().size(); i++) {
            switch (Instructions.of(script).steps().get(i).operation()) {
                case NOP, LOOP, END, BREAK, IF, ELSE -> {}
                case EXIT, DIE -> {
                    return points;
                }
                default -> points.add(i + 1);
            }
        }
        return points;
    }

    private record Invocation(Script script, int steps, int count) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "/" + count + "] " + describe();
        }

        private String describe() {
            List<String> all = script.steps();
            return steps == 0 ? "killed before " + all.get(0) : "killed after " + all.get(steps - 1);
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new OneByOne.Parameter<CrashPoint>(CrashPoint.class, context -> new Point(this, context)));
        }
    }

    private record Point(Invocation invocation, ExtensionContext context) implements Others {
        @Override
        public int steps() {
            return invocation.steps();
        }

        @Override
        public void runAndCrash(Segment... segments) {
            NativeHelper.Builder builder = Sessions.of(context).nativeHelper("crashing");
            for (Segment segment : segments) {
                builder = builder.attach(segment);
            }
            NativeHelper helper = builder.start();
            helper.expectExit(ExitPredicate.killedBy(Signal.SIGKILL));
            try {
                helper.run(invocation.script().killedAfter(invocation.steps())).await();
            } catch (HelperDiedException e) {
                helper.awaitExit();
            }
        }

        private static IllegalStateException hasScript() {
            return new IllegalStateException(
                    "@EachCrashPoint(script = …) runs its script; to run a program, remove the script");
        }

        @Override
        public void runAndCrash(CommandHelper.Builder program, Path... files) {
            throw hasScript();
        }

        @Override
        public void runAndCrash(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files) {
            throw hasScript();
        }

        @Override
        public CommandHelper start(CommandHelper.Builder program, Path... files) {
            throw hasScript();
        }

        @Override
        public JvmHelper start(JvmHelper.Builder jvm, Path... files) {
            throw hasScript();
        }

        @Override
        public void arm(Helper helper, Executable request) {
            throw hasScript();
        }

        @Override
        public String toString() {
            return invocation.describe();
        }
    }
}
