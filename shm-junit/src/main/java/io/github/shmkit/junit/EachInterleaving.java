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
 * Runs a test once for each order in which two or more real programs can make their accesses to shared memory.
 *
 * <pre>{@code
 * @EachInterleaving
 * void noIncrementIsLost(Interleaving run, @Shm Segment counter, ShmTestkit kit) {
 *     run.of(kit.command("a", "./increment", "{path}").attach(counter),
 *            kit.command("b", "./increment", "{path}").attach(counter));
 *
 *     assertThat(counter.getLong(0)).isEqualTo(2);
 * }
 * }</pre>
 *
 * <p>The programs are unmodified. Each invocation runs them with another order; none is run twice, and those with fewer
 * preemptions come first. A preemption is a switch away from a program that could have gone on; most faults need one or two. A
 * program is preempted only before an access that conflicts with one of another program: both touch a byte, and one may write
 * it.
 *
 * <p>A program that waits in a system call for another one does not go on before it is woken, and one that looks at the same
 * unchanged bytes again gives way to the others. If none can go on, the invocation fails at once and says where each of them is.
 *
 * <p>The test ends with the first invocation that fails: its report has the accesses of all programs side by side, and the
 * setting that repeats it alone, {@code -Dshmkit.schedule="a*2 b*3 a*1"}.
 *
 * <p>This finds what comes of an order of accesses. It does not find missing memory barriers: each program is stopped at each
 * access, and x86-64 keeps stores in order. What programs share by other means than the segments, and their deadlines, is not
 * controlled.
 *
 * <p>A segment that an {@link Shm} without a scope injects is the same in all invocations, and begins each with what it held
 * at first. They run one after the other on one thread, whatever the execution mode of the other tests.
 *
 * @since 0.1.0
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({EachInterleavingProvider.class, ShmExtension.class})
public @interface EachInterleaving {
    /**
     * How many preemptions an order has at most.
     *
     * @return at least 0
     */
    int preemptions() default 2;

    /**
     * Whether programs are preempted before each access, also those that conflict with no other.
     *
     * @return by default not: it would only repeat what is seen without it
     */
    boolean everywhere() default false;

    /**
     * How many orders are run at most. If there are more, a report entry says how many are known to be left.
     *
     * @return at least 1
     */
    int max() default 10_000;

    /**
     * What to do where no program can be traced, see {@link EachCrashPoint#unsupported()}.
     *
     * @return by default, and unless {@code shmkit.unsupported} is {@code FAIL}, the test is skipped with the reason
     */
    Unsupported unsupported() default Unsupported.SKIP;
}
