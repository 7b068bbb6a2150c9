package io.github.shmkit.junit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.PreInterruptCallback;
import org.junit.jupiter.api.extension.PreInterruptContext;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ModifierSupport;

/**
 * Injects what {@link Shm}, {@link ShmSemaphore} and {@link ShmQueue} declare and {@link ShmTestkit}, and ends what tests
 * started.
 *
 * <p>An {@code @Shm} on a field registers it for the class, one on a parameter for that method or constructor only. Where
 * another method has a {@code ShmTestkit}, {@code @ExtendWith(ShmExtension.class)} on the class registers it for all. It
 * has no state of its own, and does nothing where it injects nothing.
 *
 * @since 0.1.0
 */
public final class ShmExtension
        implements BeforeAllCallback,
                BeforeEachCallback,
                AfterTestExecutionCallback,
                AfterEachCallback,
                PreInterruptCallback,
                ParameterResolver {
    /** JUnit makes one. */
    public ShmExtension() {}

    /**
     * Ties what a constructor is given to the test and not to the class.
     *
     * @param rootContext unused
     * @return the scope of a test
     */
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext rootContext) {
        return ExtensionContextScope.TEST_METHOD;
    }

    /**
     * Injects static fields.
     *
     * @param context the class
     */
    @Override
    public void beforeAll(ExtensionContext context) {
        Class<?> testClass = context.getRequiredTestClass();
        inject(context, null, testClass, ModifierSupport::isStatic);
        // With one instance for all tests, a @BeforeAll method can already use those that live as long.
        context.getTestInstance().ifPresent(instance -> injectInstance(context, instance, ShmExtension::isForClass));
    }

    /**
     * Injects instance fields, those of enclosing instances too.
     *
     * @param context the test
     */
    @Override
    public void beforeEach(ExtensionContext context) {
        if (isStrict(context)) {
            Sessions.beginStrictly(context);
        }
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            injectInstance(context, instance, field -> true);
        }
    }

    private static boolean isStrict(ExtensionContext context) {
        Class<?> type = context.getRequiredTestClass();
        if (AnnotationSupport.findAnnotation(type, StrictLeaks.class).isEmpty()) {
            return false;
        }
        if (AnnotationSupport.findAnnotation(type, Isolated.class).isEmpty()) {
            throw new ExtensionConfigurationException("@StrictLeaks on class " + type.getName()
                    + ": would charge a test with what others make at the same time; add @Isolated");
        }
        return true;
    }

    /**
     * Takes down the state of segments and helpers if the test failed, before the class's own clean-up changes it.
     *
     * @param context the test
     */
    @Override
    public void afterTestExecution(ExtensionContext context) {
        Reports.tell(context);
    }

    /**
     * The same for a test that did not get as far as to be executed.
     *
     * @param context the test
     */
    @Override
    public void afterEach(ExtensionContext context) {
        Reports.tell(context);
    }

    /**
     * Takes down the state of segments and helpers before a test that has taken too long is interrupted.
     *
     * @param interrupt unused
     * @param context the test
     */
    @Override
    public void beforeThreadInterrupt(PreInterruptContext interrupt, ExtensionContext context) {
        Reports.takeEarly(context);
    }

    private static boolean isForClass(Field field) {
        return Declaration.of(field)
                .map(Declaration::scope)
                .filter(scope -> scope == Shm.Scope.CLASS || scope == Shm.Scope.RUN)
                .isPresent();
    }

    private static void injectInstance(ExtensionContext context, Object instance, Predicate<Field> which) {
        if (!instance.getClass().isRecord()) { // whose fields are final, and whose constructor was given all
            inject(context, instance, instance.getClass(), which.and(ModifierSupport::isNotStatic));
        }
    }

    private static void inject(
            ExtensionContext context, @Nullable Object instance, Class<?> type, Predicate<Field> which) {
        for (Class<? extends Annotation> annotation : Declaration.ANNOTATIONS) {
            for (Field field : AnnotationSupport.findAnnotatedFields(type, annotation, which)) {
                Annotation found =
                        AnnotationSupport.findAnnotation(field, annotation).orElseThrow();
                set(field, instance, new Declaration(found, field), context);
            }
        }
    }

    private static void set(Field field, @Nullable Object instance, Declaration declaration, ExtensionContext context) {
        if (ModifierSupport.isFinal(field)) {
            throw declaration.failure("the field is final and cannot be given anything; remove 'final'");
        }
        try {
            field.setAccessible(true);
            field.set(instance, declaration.value(context));
        } catch (InaccessibleObjectException | IllegalAccessException e) {
            throw declaration.failure("the field cannot be accessed; open its package to this extension ('opens' in "
                    + "module-info, or --add-opens): " + e.getMessage());
        }
    }

    /**
     * Whether the parameter has an annotation of ours, is a {@link ShmTestkit}, or lacks the annotation.
     *
     * @param parameter the parameter
     * @param context the test or class
     * @return true for those
     */
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ShmTestkit.class
                || Declaration.of(parameter.getParameter()).isPresent()
                || lacksAnnotation(parameter);
    }

    /** Not where a template may have an argument of that type. */
    private static boolean lacksAnnotation(ParameterContext parameter) {
        Executable executable = parameter.getDeclaringExecutable();
        boolean ofTemplate = AnnotationSupport.isAnnotated(executable, TestTemplate.class)
                && !AnnotationSupport.isAnnotated(executable, RepeatedTest.class)
                && !AnnotationSupport.isAnnotated(executable, EachSegmentKind.class)
                && !AnnotationSupport.isAnnotated(executable, EachCrashPoint.class)
                && !AnnotationSupport.isAnnotated(executable, EachState.class)
                && !AnnotationSupport.isAnnotated(executable, EachPause.class)
                && !AnnotationSupport.isAnnotated(executable, EachInterleaving.class)
                && !AnnotationSupport.isAnnotated(executable, RandomInterleavings.class);
        return executable instanceof Method
                && !ofTemplate
                && Injectable.of(parameter.getParameter().getType())
                        .filter(Injectable::isOurs)
                        .isPresent();
    }

    /**
     * Creates the object or the kit.
     *
     * @param parameter the parameter
     * @param context the test or class whose end is theirs
     * @return a {@code Segment} or another view of it, a semaphore, a queue or a {@code ShmTestkit}
     */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Optional<Declaration> declaration = Declaration.of(parameter.getParameter());
        if (declaration.isPresent()) {
            return declaration.get().value(context);
        }
        if (lacksAnnotation(parameter)) {
            Injectable wanted =
                    Injectable.of(parameter.getParameter().getType()).orElseThrow();
            throw new ParameterResolutionException(Declaration.describe(parameter.getParameter()) + ": a "
                    + wanted.typeName() + " is created by @"
                    + wanted.annotation().getSimpleName() + "; add it to the parameter");
        }
        return new SessionTestkit(context);
    }
}
