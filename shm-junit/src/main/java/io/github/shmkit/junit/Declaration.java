package io.github.shmkit.junit;

import io.github.shmkit.Attach;
import io.github.shmkit.Fill;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Parameter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/**
 * An {@link Shm} and the element on which it stands.
 *
 * @param shm the annotation, perhaps by way of another one
 * @param element a {@link Field} or a {@link Parameter}
 */
record Declaration(Shm shm, AnnotatedElement element) {
    /** What a segment is known by: in a template, a declaration for the whole class can have one of each kind. */
    private record Key(AnnotatedElement element, SegmentKind kind) {}

    /** What a segment of the run is known by. */
    private record RunKey(String label) {}

    /**
     * What the element is to be given, made if there is none yet.
     *
     * @param context the one that JUnit resolves the element for
     */
    Object value(ExtensionContext context) {
        Class<?> type = type();
        if (type != Segment.class && type != ByteBuffer.class && type != Path.class) {
            throw failure("cannot be of type " + type.getName() + "; declare it as " + Segment.class.getName()
                    + ", java.nio.ByteBuffer, or java.nio.file.Path for the file of an MMAP_FILE");
        }
        Segment segment = segment(context);
        if (type == ByteBuffer.class) {
            return segment.buffer();
        }
        return type == Path.class ? Path.of(((Attach.ByPath) segment.attach()).path()) : segment;
    }

    private Class<?> type() {
        return element instanceof Field field ? field.getType() : ((Parameter) element).getType();
    }

    private Segment segment(ExtensionContext context) {
        ExtensionContext owner = owner(context);
        try {
            SegmentSpec spec = new SegmentSpec(kind(context), shm.size(), label(), shm.fill());
            Object key = shm.scope() == Shm.Scope.RUN ? new RunKey(label()) : new Key(element, spec.kind());
            return Sessions.of(owner).declared(key, spec, toString());
        } catch (RuntimeException e) {
            throw failure(String.valueOf(e.getMessage()), e);
        }
    }

    private SegmentKind kind(ExtensionContext context) {
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
                    + Segment.class.getName() + ", whose attach() tells how others share it, or kind = MMAP_FILE");
        }
        return kind;
    }

    private String label() {
        if (!shm.label().isEmpty()) {
            return shm.label();
        }
        return element instanceof Field field ? field.getName() : ((Parameter) element).getName();
    }

    /** The context with which the segment ends. */
    private ExtensionContext owner(ExtensionContext context) {
        return switch (shm.scope()) {
            case AUTO -> context;
            case CLASS -> declaringClass(context);
            case RUN -> {
                if (shm.label().isEmpty()) {
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
        return annotation() + " on "
                + (element instanceof Field field ? describe(field) : describe((Parameter) element));
    }

    private String annotation() {
        List<String> parts = new ArrayList<>();
        if (shm.kind().length == 1) {
            parts.add("kind = " + shm.kind()[0]);
        } else if (shm.kind().length > 1) {
            parts.add("kind = " + Arrays.toString(shm.kind()).replace('[', '{').replace(']', '}'));
        }
        if (shm.size() != SegmentSpec.DEFAULT_SIZE) {
            parts.add("size = " + shm.size());
        }
        if (!shm.label().isEmpty()) {
            parts.add("label = \"" + shm.label() + "\"");
        }
        if (shm.scope() != Shm.Scope.AUTO) {
            parts.add("scope = " + shm.scope());
        }
        if (shm.fill() != Fill.ZERO) {
            parts.add("fill = " + shm.fill());
        }
        return "@Shm" + (parts.isEmpty() ? "" : "(" + String.join(", ", parts) + ")");
    }

    private static String describe(Field field) {
        return "field " + field.getDeclaringClass().getName() + "#" + field.getName();
    }

    private static String describe(Parameter parameter) {
        Executable executable = parameter.getDeclaringExecutable();
        String name = parameter.isNamePresent()
                ? "'" + parameter.getName() + "'"
                : "#" + (Arrays.asList(executable.getParameters()).indexOf(parameter) + 1);
        String method = executable instanceof Constructor ? "the constructor" : "method #" + executable.getName();
        return "parameter " + name + " of " + method + " of "
                + executable.getDeclaringClass().getName();
    }
}
