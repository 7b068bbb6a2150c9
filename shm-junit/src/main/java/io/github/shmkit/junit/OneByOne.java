package io.github.shmkit.junit;

import io.github.shmkit.internal.trace.TracerUnavailableException;
import io.github.shmkit.junit.EachSegmentKind.Unsupported;
import io.github.shmkit.junit.internal.Settings;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.opentest4j.TestAbortedException;

/** What templates have in common that run a program again and again, where one invocation depends on those before it. */
final class OneByOne {
    private OneByOne() {}

    /** The annotations keep it on one thread: JUnit takes an invocation, runs it, and takes the next. */
    static Stream<TestTemplateInvocationContext> stream(Iterator<TestTemplateInvocationContext> invocations) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(invocations, 0), false);
    }

    /**
     * Checks an attribute.
     *
     * @param written the annotation with the attribute, as in the source
     * @throws ExtensionConfigurationException if it does not hold, with the rule
     */
    static void require(boolean holds, ExtensionContext template, String written, String rule) {
        if (!holds) {
            throw new ExtensionConfigurationException(written + " on method #"
                    + template.getRequiredTestMethod().getName() + " of "
                    + template.getRequiredTestClass().getName() + ": " + rule);
        }
    }

    /** Whether a test is skipped, rather than failed, where what it needs is missing. */
    static boolean skips(Unsupported unsupported, ExtensionContext context) {
        return unsupported == Unsupported.SKIP && Sessions.settings(context).unsupported() != Settings.Unsupported.FAIL;
    }

    /** Does something with a traced program; where none can be traced, the test is skipped or fails. */
    static <T> T traced(boolean skips, Supplier<T> action) {
        try {
            return action.get();
        } catch (TracerUnavailableException e) {
            if (skips) {
                throw new TestAbortedException(e.getMessage(), e);
            }
            throw e;
        }
    }

    /**
     * One invocation.
     *
     * @param name without its number
     * @param extensions what gives its parameter, and others
     */
    record Invocation(String name, List<Extension> extensions) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "] " + name;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return extensions;
        }
    }

    /** Gives the parameter of a type. */
    record Parameter<T>(Class<T> type, Function<ExtensionContext, T> value) implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == type;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return value.apply(context);
        }
    }
}
