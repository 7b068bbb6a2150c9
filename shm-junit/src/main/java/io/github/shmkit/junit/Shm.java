package io.github.shmkit.junit;

import io.github.shmkit.Fill;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a field or a parameter fresh shared memory; {@link ShmSemaphore} and {@link ShmQueue} give the rest.
 *
 * <p>Its type is {@link Segment}, or {@link java.nio.ByteBuffer} for all of the segment as a buffer, or on Java 22 and later
 * {@code java.lang.foreign.MemorySegment}, or {@link java.nio.file.Path} for the file of an {@code MMAP_FILE}.
 *
 * <p>It stands on fields, static or not and of any visibility, but not final; on parameters of test methods,
 * constructors and lifecycle methods; on components of a record that is a test class; and on annotations, which then
 * mean the same. Each declaration has an object of its own, which is gone when its scope ends, whatever the outcome.
 *
 * <pre>{@code
 * @Test
 * void aValueComesBack(@Shm(size = 64) Segment segment) {
 *     segment.putLong(0, 42);
 *     assertEquals(42, segment.getLong(0));
 * }
 * }</pre>
 *
 * <p>What cannot be had fails the test with a message that names the declaration, the reason and the remedy: an
 * {@code ExtensionConfigurationException} for a field, a {@code ParameterResolutionException} for a parameter.
 *
 * @since 0.1.0
 */
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(ShmExtension.class)
public @interface Shm {
    /**
     * The way of sharing; at most one.
     *
     * @return none for the kind of the {@link EachSegmentKind} that the test runs for, else {@code MMAP_FILE} for a
     *     {@code Path}, else the one that {@link ShmSettings} or {@code shmkit.kind.default} names
     */
    SegmentKind[] kind() default {};

    /**
     * The exact size in bytes, at least 1; never rounded.
     *
     * @return bytes
     */
    long size() default SegmentSpec.DEFAULT_SIZE;

    /**
     * The name of a static method without parameters that returns the size in bytes, for one that is no constant: of a
     * record of the code under test, or of so many pages.
     *
     * @return the method's name, in the class where this stands; empty for {@code size}
     */
    String sizeOf() default "";

    /**
     * Its name in reports.
     *
     * @return empty for the name of the field or parameter; where the class file has no names of parameters, since it was
     *     compiled without {@code -parameters}, for "segment 1", "semaphore 1", "semaphore set 1" or "queue 1", counted from
     *     the left
     */
    String label() default "";

    /**
     * How long it lives.
     *
     * @return the scope
     */
    Scope scope() default Scope.AUTO;

    /**
     * What it holds at first.
     *
     * @return zeros, unless told otherwise
     */
    Fill fill() default Fill.ZERO;

    /**
     * How long an object lives.
     *
     * @since 0.1.0
     */
    enum Scope {
        /**
         * The class for a static field and for a parameter of a {@code @BeforeAll} or {@code @AfterAll} method, or of the
         * constructor of a class with one instance for all tests; else the test.
         */
        AUTO,
        /** One test; each invocation of a repeated or parameterized test is one. */
        TEST,
        /** All tests of the class, and of the nested classes within. */
        CLASS,
        /**
         * All tests of the run: those that name the same label share one object, and must agree on all that is said of
         * it. The label must be given.
         */
        RUN
    }
}
