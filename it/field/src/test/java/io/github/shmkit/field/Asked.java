package io.github.shmkit.field;

import io.github.shmkit.junit.ShmExtension;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a test asks of a {@link Program}, and what came out.
 *
 * <p>The test asserts what a user would wish. Where that does not hold after a crash, or in a state, the invocation does not fail:
 * it is counted, and the counts have to be those declared here. The invocation without a crash must hold.
 */
@ExtendWith(ShmExtension.class)
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@interface Asked {
    /** Points that differ from run to run. */
    int VARIES = -1;

    /** What the process does that dies or is looked at. */
    String operation();

    /** The question, one sentence. */
    String question();

    /** What came out, one sentence. */
    String answer();

    /** How many crash points or states there are. */
    int points();

    /** At how many of them others wait for ever. */
    int stuck() default 0;

    /** At how many of them other processes read bytes that no process wrote. */
    int torn() default 0;

    /** At how many of them others fail, or miss what was there. */
    int wrong() default 0;

    /** Where this was reported to the public; empty if nowhere that we know. */
    String report() default "";
}
