package io.github.shmkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares that a test leaves something of these kinds: it fails if it does not.
 *
 * <p>What is left is left: the test that expects it has to remove it later, or a build's {@code shm:clean}.
 *
 * @since 0.1.0
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface ExpectLeak {
    /**
     * What is left, at least one of each.
     *
     * @return the kinds
     */
    LeakKind[] value();
}
