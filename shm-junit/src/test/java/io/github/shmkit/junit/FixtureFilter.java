package io.github.shmkit.junit;

import java.util.Optional;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Keeps launchers from the classes that are made to fail, which a pattern of class names finds as well.
 *
 * <p>{@link NestedRun} asks the engine itself, for which no filter of launchers counts.
 */
public final class FixtureFilter implements PostDiscoveryFilter {
    /** The service loader makes one. */
    public FixtureFilter() {}

    @Override
    public FilterResult apply(TestDescriptor descriptor) {
        return FilterResult.includedIf(
                className(descriptor).filter(FixtureFilter::isFixture).isEmpty());
    }

    /** A container counts as excluded only if all within it is. */
    private static Optional<String> className(TestDescriptor descriptor) {
        return descriptor.getSource().map(source -> {
            if (source instanceof MethodSource method) {
                return method.getClassName();
            }
            return source instanceof ClassSource type ? type.getClassName() : "";
        });
    }

    static boolean isFixture(String className) {
        return className.matches(".*\\$\\w+Case(\\$.*)?");
    }
}
