package io.github.shmkit.rules;

import io.github.shmkit.junit.ShmExtension;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A test that is one rule of shared memory; its {@link Kernel} notes what happened, for the page. */
@Test
@ExtendWith({ShmExtension.class, RuleExtension.class})
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@interface Rule {
    /** Section and number, as {@code M5}. */
    String id();

    /** The rule, as Linux has it. */
    String says();

    /** What is often claimed of it; empty if nothing is. */
    String claimed() default "the same";
}
