package io.github.shmkit.rules;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives a rule its {@link Kernel}, and reports what that has noted. */
final class RuleExtension implements ParameterResolver, AfterEachCallback {
    /** Keys of a report entry. */
    static final String ID = "rule";

    static final String SAYS = "says";
    static final String CLAIMED = "claimed";
    static final String SEEN = "seen";

    /** Configuration parameter: "true" has each rule expect something else than it says. */
    static final String CHANGED = "rules.changed";

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(RuleExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Kernel.class;
    }

    @Override
    public Kernel resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return kernel(context);
    }

    private static Kernel kernel(ExtensionContext context) {
        boolean isChanged = context.getConfigurationParameter(CHANGED)
                .map(Boolean::parseBoolean)
                .orElse(false);
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(Kernel.class, type -> new Kernel(isChanged), Kernel.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Optional<Rule> found = AnnotationSupport.findAnnotation(context.getTestMethod(), Rule.class);
        found.ifPresent(rule -> {
            Map<String, String> entry = new LinkedHashMap<>(Map.of(ID, rule.id(), SAYS, rule.says()));
            entry.put(CLAIMED, rule.claimed());
            entry.put(SEEN, String.join("\n", kernel(context).seen()));
            entry.values().removeIf(String::isEmpty); // which JUnit refuses
            context.publishReportEntry(entry);
        });
    }
}
