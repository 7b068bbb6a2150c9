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
 * Runs a test once for each access to shared memory before which a real program can be held, while the test or another program
 * is the other party.
 *
 * <pre>{@code
 * @EachPause
 * void aReaderNeverSeesHalfAMessage(PausePoint at, @Shm Segment box, ShmTestkit kit) {
 *     try (Held writer = at.runAndHold(kit.command("writer", "./writer", "{path}").attach(box))) {
 *         assertThat(new Mailbox(box.buffer()).read()).isIn(NONE, MESSAGE);
 *     } // it goes on, and has to end with 0
 * }
 * }</pre>
 *
 * <p>The program is unmodified. The first invocation holds it before its first access, and records all of them when it goes on.
 * The last invocation comes after the last access. Between two accesses nothing changes that others can see, so no moment is left
 * out: of all schedules in which the program is interrupted once, each is run.
 *
 * <p>This finds what comes of an order of accesses. It does not find missing memory barriers: the program is stopped at each
 * access, and x86-64 keeps stores in order.
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
@ExtendWith({EachPauseProvider.class, ShmExtension.class})
public @interface EachPause {
    /**
     * At how many accesses the program is held at most. If it makes more, the first are taken and a report entry says so.
     *
     * @return at least 1
     */
    int max() default 1000;

    /**
     * What to do where no program can be traced, see {@link EachCrashPoint#unsupported()}.
     *
     * @return by default, and unless {@code shmkit.unsupported} is {@code FAIL}, the test is skipped with the reason
     */
    Unsupported unsupported() default Unsupported.SKIP;
}
