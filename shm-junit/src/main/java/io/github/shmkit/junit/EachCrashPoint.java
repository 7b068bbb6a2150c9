package io.github.shmkit.junit;

import io.github.shmkit.junit.EachSegmentKind.Unsupported;
import io.github.shmkit.script.Script;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.function.Supplier;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs a test once for each moment at which a process that writes shared memory can die.
 *
 * <p>The process is a real program, unmodified, that {@link CrashPoint#runAndCrash} is given. It is traced: the first
 * invocation runs it to its end and records its stores, and each of the others kills it by SIGKILL after one of them:
 * after the effect of exactly that store, and before anything else that the process does.
 *
 * <pre>{@code
 * @EachCrashPoint
 * void whateverAWriterLeavesIsRecovered(CrashPoint at, @Shm(size = 4096) Segment ring, ShmTestkit kit) {
 *     at.runAndCrash(kit.command("writer", "./writer", "{path}").attach(ring));
 *     assertThat(new Ring(ring.buffer()).recover()).isIn(EMPTY, RECOVERED);
 * }
 * }</pre>
 *
 * <p>The process may be a JVM that runs a task, of which only the stores of the task count
 * ({@link CrashPoint#runAndCrash(io.github.shmkit.process.JvmHelper.Builder, io.github.shmkit.process.RemoteCallable, java.nio.file.Path...)}),
 * or a program that is up already, for the time of one request ({@link CrashPoint#arm}).
 *
 * <p>Stores are those of user mode; a system call that writes into the segment, locks or unlocks a file, changes a
 * System V semaphore, wakes a futex, or cuts or unlinks the object is one as well. This finds what a death leaves, on
 * x86-64; it does not find missing memory barriers, since x86-64 keeps stores in order.
 *
 * <p>With {@link #script}, the process is a native helper that runs the script, and the places are before its first step,
 * and after each. A step inside of a loop counts in the first round of it.
 *
 * <p>The invocations run one after the other on one thread, whatever the execution mode of the other tests.
 *
 * @since 0.1.0
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({EachCrashPointProvider.class, ShmExtension.class})
public @interface EachCrashPoint {
    /**
     * What gives the script; by default there is none, and the test runs a program.
     *
     * @return a class with a constructor without parameters
     */
    Class<? extends Supplier<Script>> script() default NoScript.class;

    /**
     * After which stores of a program it is killed.
     *
     * @return by default those that leave a state that no store before has left
     */
    Points points() default Points.STATES;

    /**
     * How many times a program is killed at most. If there are more points, the first are taken and a report entry says so.
     *
     * @return at least 1
     */
    int max() default 1000;

    /**
     * The {@link io.github.shmkit.process.Checkpoints checkpoint} after which the program's stores are points: what it does before
     * is its start-up.
     *
     * @return its name; by default all of its stores are
     */
    String from() default "";

    /**
     * The checkpoint from which on the program's stores are no points any more.
     *
     * @return its name; by default all of its stores are
     */
    String to() default "";

    /**
     * What to do where no program can be traced: on other machines than x86-64, or where ptrace(2) is forbidden.
     *
     * @return by default, and unless {@code shmkit.unsupported} is {@code FAIL}, the test is skipped with the reason
     */
    Unsupported unsupported() default Unsupported.SKIP;

    /** Stores of a program after which it can be killed. */
    enum Points {
        /** Each that leaves bytes that the segments did not have after any store before; each system call. */
        STATES,
        /** Each that changes bytes; each system call. */
        STORES,
        /**
         * Of {@link #STATES} 16, spread evenly; and more of them between two next to each other at which the test came to different
         * results, until each border is known to one point. A result is that the test passed, or what it threw.
         *
         * <p>For long programs: a program of 511 points takes about 36 runs. A result that holds for a few points only can be missed.
         */
        BISECT
    }

    /** Says that there is no script. */
    final class NoScript implements Supplier<Script> {
        private NoScript() {}

        @Override
        public Script get() {
            throw new UnsupportedOperationException("there is no script");
        }
    }
}
