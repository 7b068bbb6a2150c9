package io.github.shmkit.junit;

import io.github.shmkit.SegmentKind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Makes an {@link EachSegmentKind} into invocations. */
final class EachSegmentKindProvider implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return annotation(context).isPresent();
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        EachSegmentKind each = annotation(context).orElseThrow();
        if (each.value().length == 0) {
            throw new ExtensionConfigurationException("@EachSegmentKind(value = {}) on method #"
                    + context.getRequiredTestMethod().getName() + " of "
                    + context.getRequiredTestClass().getName() + " names no kind, so that nothing would run; "
                    + "name some, or leave the value away for all");
        }
        return Arrays.stream(each.value()).distinct().map(kind -> new Invocation(kind, each.unsupported()));
    }

    private static Optional<EachSegmentKind> annotation(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getTestMethod(), EachSegmentKind.class);
    }

    /** The kind for which the context's test runs; empty if it is not of such a template. */
    static Optional<SegmentKind> kindOf(ExtensionContext context) {
        Object kind = context.getStore(Sessions.NAMESPACE).get(SegmentKind.class);
        if (kind == null && annotation(context).isPresent()) {
            throw new IllegalStateException("the kind of this invocation is not known: @EachSegmentKind cannot be "
                    + "combined with another test template on one method, and needs JUnit 5.12 where a constructor has "
                    + "an @Shm without a kind");
        }
        return Optional.ofNullable((SegmentKind) kind);
    }

    private record Invocation(SegmentKind kind, EachSegmentKind.Unsupported unsupported)
            implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "] " + kind;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new KindOfInvocation(kind, unsupported));
        }
    }

    /**
     * Tells the kind before anything else happens in an invocation.
     *
     * <p>The callbacks of extensions that are registered outside of the invocation, such as that which injects the
     * fields, run before those of the invocation; but neither do they before the instance is made, nor, where one
     * instance is for all tests, before the conditions are asked.
     */
    private record KindOfInvocation(SegmentKind kind, EachSegmentKind.Unsupported unsupported)
            implements TestInstancePreConstructCallback, ExecutionCondition, ParameterResolver {
        @Override
        public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext rootContext) {
            return ExtensionContextScope.TEST_METHOD;
        }

        @Override
        public void preConstructTestInstance(TestInstanceFactoryContext factoryContext, ExtensionContext context) {
            if (context.getTestMethod().isPresent()) { // JUnit before 5.12 tells the class only
                tell(context);
                reasonToSkip(context).ifPresent(reason -> {
                    throw new TestAbortedException(reason); // a constructor could not be given the kind
                });
            }
        }

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            tell(context);
            return reasonToSkip(context)
                    .map(ConditionEvaluationResult::disabled)
                    .orElseGet(() -> ConditionEvaluationResult.enabled(null));
        }

        private void tell(ExtensionContext context) {
            context.getStore(Sessions.NAMESPACE).put(SegmentKind.class, kind);
        }

        private Optional<String> reasonToSkip(ExtensionContext context) {
            return OneByOne.skips(unsupported, context) ? Sessions.run(context).unsupported(kind) : Optional.empty();
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == SegmentKind.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return kind;
        }
    }
}
