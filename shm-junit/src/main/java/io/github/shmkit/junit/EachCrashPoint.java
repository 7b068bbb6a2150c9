package io.github.shmkit.junit;

import io.github.shmkit.Script;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.function.Supplier;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test once for each place at which the process that runs a script can die: before its first step, and after each.
 *
 * <p>The steps before are done, those after are not: for code that must recover whatever a writer leaves. A step inside of
 * a loop counts in the first round of it.
 *
 * <pre>{@code
 * @EachCrashPoint(script = Publish.class)
 * void everyPrefixIsRecoverable(CrashPoint at, @Shm Segment segment) {
 *     at.runAndCrash(segment);
 *     assertThat(new Ring(segment.buffer()).recover()).isIn(EMPTY, RECOVERED);
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@ExtendWith({EachCrashPointProvider.class, ShmExtension.class})
public @interface EachCrashPoint {
    /**
     * What gives the script.
     *
     * @return a class with a constructor without parameters
     */
    Class<? extends Supplier<Script>> script();
}
