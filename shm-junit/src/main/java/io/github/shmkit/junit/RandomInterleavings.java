package io.github.shmkit.junit;

import io.github.shmkit.junit.EachSegmentKind.Unsupported;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs a test with orders of accesses that are chosen by chance, where there are too many for {@link EachInterleaving}.
 *
 * <p>It is probabilistic concurrency testing (PCT): each program has a priority by chance, the one with the highest goes on, and
 * at {@code depth - 1} accesses by chance the one that goes on gets the lowest. A run of {@code n} programs with {@code k}
 * accesses finds a fault of depth {@code d} with a probability of at least {@code 1 / (n * k^(d-1))}.
 *
 * <p>The seed is that of the run, {@code shmkit.seed}; a failed test tells it, and the schedule. See {@link EachInterleaving} for
 * everything else.
 *
 * @since 0.1.0
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({EachInterleavingProvider.class, ShmExtension.class})
public @interface RandomInterleavings {
    /**
     * How many orders are run.
     *
     * @return at least 1
     */
    int runs() default 200;

    /**
     * How many constraints on the order a fault may need: 1 for one that needs no preemption, 2 for one that needs one.
     *
     * @return at least 1
     */
    int depth() default 3;

    /**
     * What to do where no program can be traced, see {@link EachCrashPoint#unsupported()}.
     *
     * @return by default, and unless {@code shmkit.unsupported} is {@code FAIL}, the test is skipped with the reason
     */
    Unsupported unsupported() default Unsupported.SKIP;
}
