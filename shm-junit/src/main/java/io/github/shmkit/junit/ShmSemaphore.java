package io.github.shmkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a field or a parameter a fresh semaphore.
 *
 * <p>Its type is {@link io.github.shmkit.NamedSemaphore}, or {@link io.github.shmkit.SysvSemaphoreSet} for a set of one or
 * more. Where it can stand and how long the object lives is as for {@link Shm}.
 *
 * <pre>{@code
 * @Test
 * void handsOver(@Shm Segment box, @ShmSemaphore(initial = 1) NamedSemaphore empty) {
 *     empty.acquire(Duration.ofSeconds(1));
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(ShmExtension.class)
public @interface ShmSemaphore {
    /**
     * The value that the semaphore, or each semaphore of a set, begins with.
     *
     * @return at least 0; at most 32767 in a set
     */
    int initial() default 0;

    /**
     * The number of semaphores in a System V set, at most the first number in {@code /proc/sys/kernel/sem}.
     *
     * @return at least 1
     */
    int semaphores() default 1;

    /**
     * Its name in reports.
     *
     * @return empty for a label as {@link Shm#label()} has it
     */
    String label() default "";

    /**
     * How long it lives.
     *
     * @return the scope
     */
    Shm.Scope scope() default Shm.Scope.AUTO;
}
