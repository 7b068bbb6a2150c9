package io.github.shmkit.junit;

import io.github.shmkit.Fill;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.junit.internal.ObjectSpec;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ModifierSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * An {@link Shm}, {@link ShmSemaphore} or {@link ShmQueue} and the element on which it stands.
 *
 * @param annotation one of them, perhaps by way of another one
 * @param element a {@link Field} or a {@link Parameter}
 */
record Declaration(Annotation annotation, AnnotatedElement element) {
    /** The annotations that give something. */
    static final List<Class<? extends Annotation>> ANNOTATIONS = List.of(Shm.class, ShmSemaphore.class, ShmQueue.class);

    /** What an object is known by: in a template, a declaration for the whole class can have one of each kind. */
    private record Key(AnnotatedElement element, ObjectSpec<?> spec) {}

    /** What an object of the run is known by. */
    private record RunKey(String label) {}

    /** The one on an element, if there is one. */
    static Optional<Declaration> of(AnnotatedElement element) {
        return ANNOTATIONS.stream()
                .map(type -> AnnotationSupport.findAnnotation(element, type))
                .flatMap(Optional::stream)
                .findFirst()
                .map(annotation -> new Declaration(annotation, element));
    }

    /**
     * What the element is to be given, made if there is none yet.
     *
     * @param context the one that JUnit resolves the element for
     */
    Object value(ExtensionContext context) {
        Injectable injectable = Injectable.of(type())
                .orElseThrow(() -> failure("cannot be of type " + type().getTypeName() + "; declare it as one of "
                        + Injectable.types(annotation.annotationType())
                        + (annotation instanceof Shm ? " (Path for the file of an MMAP_FILE)" : "")));
        if (injectable.annotation() != annotation.annotationType()) {
            throw failure("gives no " + injectable.typeName() + "; use @"
                    + injectable.annotation().getSimpleName());
        }
        attributes().keySet().stream()
                .filter(attribute -> !injectable.takes(attribute))
                .findFirst()
                .ifPresent(attribute -> {
                    throw failure("'" + attribute + "' means nothing for a " + injectable.typeName() + ", which takes "
                            + injectable.attributes() + "; leave it away");
                });
        Object object = object(injectable, context);
        return switch (injectable) {
            case BUFFER -> ((Segment) object).buffer();
            case MEMORY -> ((Segment) object).as(type());
            case FILE -> Path.of(((SegmentAddress.ByPath) ((Segment) object).address()).path());
            default -> object;
        };
    }

    private Class<?> type() {
        return element instanceof Field field ? field.getType() : ((Parameter) element).getType();
    }

    private Object object(Injectable injectable, ExtensionContext context) {
        ExtensionContext owner = owner(context);
        try {
            ObjectSpec<?> spec = spec(injectable, context);
            Object key = scope() == Shm.Scope.RUN ? new RunKey(label()) : new Key(element, spec);
            return Sessions.of(owner).declared(key, spec, toString());
        } catch (RuntimeException e) {
            throw failure(String.valueOf(e.getMessage()), e);
        }
    }

    private ObjectSpec<?> spec(Injectable injectable, ExtensionContext context) {
        if (annotation instanceof Shm shm) {
            return new ObjectSpec.OfSegment(new SegmentSpec(kind(shm, context), size(shm), label(), shm.fill()));
        }
        if (annotation instanceof ShmSemaphore semaphore) {
            return injectable == Injectable.SEMAPHORE
                    ? new ObjectSpec.Semaphore(label(), semaphore.initial())
                    : new ObjectSpec.SemaphoreSet(label(), semaphore.semaphores(), semaphore.initial());
        }
        ShmQueue queue = (ShmQueue) annotation;
        return injectable == Injectable.QUEUE
                ? new ObjectSpec.Queue(label(), queue.messages(), queue.messageSize())
                : new ObjectSpec.Messages(label());
    }

    Shm.Scope scope() {
        return annotation instanceof Shm shm
                ? shm.scope()
                : annotation instanceof ShmSemaphore semaphore ? semaphore.scope() : ((ShmQueue) annotation).scope();
    }

    private String givenLabel() {
        return annotation instanceof Shm shm
                ? shm.label()
                : annotation instanceof ShmSemaphore semaphore ? semaphore.label() : ((ShmQueue) annotation).label();
    }

    private long size(Shm shm) {
        if (shm.sizeOf().isEmpty()) {
            return shm.size();
        }
        if (shm.size() != SegmentSpec.DEFAULT_SIZE) {
            throw new IllegalArgumentException("'size' and 'sizeOf' exclude each other; remove one of them");
        }
        Class<?> type = member().getDeclaringClass();
        return ReflectionSupport.findMethod(type, shm.sizeOf())
                .filter(ModifierSupport::isStatic)
                .map(method -> ReflectionSupport.invokeMethod(method, null))
                .filter(size -> size instanceof Integer || size instanceof Long)
                .map(size -> ((Number) size).longValue())
                .orElseThrow(() -> new IllegalArgumentException(type.getName() + " has no static method " + shm.sizeOf()
                        + "() that returns an int or a long; 'sizeOf' needs one"));
    }

    private SegmentKind kind(Shm shm, ExtensionContext context) {
        if (shm.kind().length > 1) {
            throw new IllegalArgumentException(
                    "a segment has one kind, not several; use @EachSegmentKind to run the test for each");
        }
        boolean isPath = type() == Path.class;
        SegmentKind kind = Arrays.stream(shm.kind())
                .findFirst()
                .or(() -> EachSegmentKindProvider.kindOf(context))
                .orElseGet(() -> isPath
                        ? SegmentKind.MMAP_FILE
                        : Sessions.settings(context).kind());
        if (isPath && kind != SegmentKind.MMAP_FILE) {
            throw new IllegalArgumentException("a " + kind + " is no file of which a Path would tell; declare a "
                    + Segment.class.getName() + ", whose address() tells how others share it, or kind = MMAP_FILE");
        }
        return kind;
    }

    private String label() {
        if (!givenLabel().isEmpty()) {
            return givenLabel();
        }
        return element instanceof Field field ? field.getName() : label((Parameter) element);
    }

    /** Without the names of parameters in the class file, what it is and which of them, as "segment 2". */
    private static String label(Parameter parameter) {
        if (parameter.isNamePresent()) {
            return parameter.getName();
        }
        String noun = noun(parameter);
        long position = 1
                + Arrays.stream(parameter.getDeclaringExecutable().getParameters())
                        .takeWhile(other -> !other.equals(parameter))
                        .filter(other -> of(other).isPresent())
                        .filter(other -> noun(other).equals(noun))
                        .count();
        return noun + " " + position;
    }

    private static String noun(Parameter parameter) {
        return Injectable.of(parameter.getType()).map(Injectable::noun).orElse("object");
    }

    /** The context with which the segment ends. */
    private ExtensionContext owner(ExtensionContext context) {
        return switch (scope()) {
            case AUTO ->
                EachStateProvider.template(context)
                        .or(() -> EachInterleavingProvider.template(context))
                        .orElse(context);
            case CLASS -> declaringClass(context);
            case RUN -> {
                if (givenLabel().isEmpty()) {
                    throw failure("scope RUN needs a label, by which all declarations of the segment find it; add "
                            + "label = \"…\"");
                }
                yield context.getRoot();
            }
            case TEST -> {
                if (context.getTestMethod().isEmpty()) {
                    throw failure("scope TEST is not possible where there is no test yet: static fields, parameters of "
                            + "@BeforeAll and @AfterAll methods, and those of a constructor under Lifecycle.PER_CLASS "
                            + "live as long as the class; leave the scope away, or put it on an instance field or on "
                            + "a parameter of the test");
                }
                yield context;
            }
        };
    }

    /** For a nested class, the outer one whose field or method this is. */
    private ExtensionContext declaringClass(ExtensionContext context) {
        Class<?> declaring = member().getDeclaringClass();
        ExtensionContext nearest = context;
        Optional<ExtensionContext> at = Optional.of(context);
        while (at.isPresent()) {
            ExtensionContext candidate = at.get();
            if (candidate.getTestMethod().isEmpty()) {
                if (candidate.getTestClass().filter(declaring::isAssignableFrom).isPresent()) {
                    return candidate;
                }
                nearest = nearest == context ? candidate : nearest;
            }
            at = candidate.getParent();
        }
        return nearest;
    }

    private Member member() {
        return element instanceof Field field ? field : ((Parameter) element).getDeclaringExecutable();
    }

    RuntimeException failure(String why) {
        return element instanceof Field
                ? new ExtensionConfigurationException(this + ": " + why)
                : new ParameterResolutionException(this + ": " + why);
    }

    private RuntimeException failure(String why, Throwable cause) {
        return element instanceof Field
                ? new ExtensionConfigurationException(this + ": " + why, cause)
                : new ParameterResolutionException(this + ": " + why, cause);
    }

    @Override
    public String toString() {
        return written() + " on " + (element instanceof Field field ? describe(field) : describe((Parameter) element));
    }

    private String written() {
        List<String> parts = attributes().entrySet().stream()
                .map(attribute -> attribute.getKey() + " = " + attribute.getValue())
                .toList();
        return "@" + annotation.annotationType().getSimpleName()
                + (parts.isEmpty() ? "" : "(" + String.join(", ", parts) + ")");
    }

    /** Those that do not have their default, in the order of their declaration, as they are written. */
    private Map<String, String> attributes() {
        Map<String, String> attributes = new LinkedHashMap<>();
        if (annotation instanceof Shm shm) {
            if (shm.kind().length == 1) {
                attributes.put("kind", shm.kind()[0].name());
            } else if (shm.kind().length > 1) {
                attributes.put(
                        "kind", Arrays.toString(shm.kind()).replace('[', '{').replace(']', '}'));
            }
            putUnless(attributes, "size", shm.size(), SegmentSpec.DEFAULT_SIZE);
            if (!shm.sizeOf().isEmpty()) {
                attributes.put("sizeOf", "\"" + shm.sizeOf() + "\"");
            }
        }
        if (!givenLabel().isEmpty()) {
            attributes.put("label", "\"" + givenLabel() + "\"");
        }
        putUnless(attributes, "scope", scope(), Shm.Scope.AUTO);
        if (annotation instanceof Shm shm) {
            putUnless(attributes, "fill", shm.fill(), Fill.ZERO);
        } else if (annotation instanceof ShmSemaphore semaphore) {
            putUnless(attributes, "initial", semaphore.initial(), 0);
            putUnless(attributes, "semaphores", semaphore.semaphores(), 1);
        } else if (annotation instanceof ShmQueue queue) {
            putUnless(attributes, "messages", queue.messages(), PosixQueue.MESSAGES);
            putUnless(attributes, "messageSize", queue.messageSize(), PosixQueue.MESSAGE_SIZE);
        }
        return attributes;
    }

    private static void putUnless(Map<String, String> attributes, String name, Object value, Object usual) {
        if (!value.equals(usual)) {
            attributes.put(name, value.toString());
        }
    }

    private static String describe(Field field) {
        return "field " + field.getDeclaringClass().getName() + "#" + field.getName();
    }

    static String describe(Parameter parameter) {
        Executable executable = parameter.getDeclaringExecutable();
        String name = parameter.isNamePresent()
                ? "'" + parameter.getName() + "'"
                : "#" + (Arrays.asList(executable.getParameters()).indexOf(parameter) + 1);
        String method = executable instanceof Constructor ? "the constructor" : "method #" + executable.getName();
        return "parameter " + name + " of " + method + " of "
                + executable.getDeclaringClass().getName();
    }
}
