package io.github.shmkit.junit;

import io.github.shmkit.PosixQueue;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a field or a parameter a fresh message queue.
 *
 * <p>Its type is {@link PosixQueue}, or {@link io.github.shmkit.SysvQueue}, which takes neither {@link #messages()} nor
 * {@link #messageSize()}. Where it can stand and how long the object lives is as for {@link Shm}.
 *
 * <pre>{@code
 * @Test
 * void keepsTheMessage(@ShmQueue(messages = 4, messageSize = 16) PosixQueue queue) {
 *     queue.send(new byte[] {1}, 0, Duration.ofSeconds(1));
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(ShmExtension.class)
public @interface ShmQueue {
    /**
     * The number of messages that a POSIX queue holds, at most {@code /proc/sys/fs/mqueue/msg_max} without privileges.
     *
     * @return at least 1
     */
    int messages() default PosixQueue.MESSAGES;

    /**
     * The size in bytes that each message of a POSIX queue can have, at most {@code /proc/sys/fs/mqueue/msgsize_max} without
     * privileges.
     *
     * @return at least 1
     */
    int messageSize() default PosixQueue.MESSAGE_SIZE;

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
