package io.github.shmkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Has any new object of this user on this machine count as a leak of the test during which it came, whoever made it:
 * for code under test whose objects say nothing of their maker.
 *
 * <p>The class must be {@code @Isolated}, and nobody else may make such objects at the same time: another build on the
 * machine would fail the test.
 *
 * @since 0.1.0
 */
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(ShmExtension.class)
public @interface StrictLeaks {}
