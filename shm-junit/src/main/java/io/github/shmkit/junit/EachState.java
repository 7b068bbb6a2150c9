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
 * Runs a test once for each content that a segment has while a real program writes it.
 *
 * <p>The first invocation runs the program to its end and records its stores. Each of the others puts the content after one of
 * them into the segment, without running the program again: some thousand invocations a second.
 *
 * <pre>{@code
 * @EachState
 * void aReaderSeesTheOldMessageOrTheNew(RecordedState state, @Shm Segment box, ShmTestkit kit) {
 *     state.replay(() -> kit.command("writer", "./writer", "{path}").attach(box), box);
 *     assertThat(new Mailbox(box.buffer()).read()).isIn(OLD, NEW);
 * }
 * }</pre>
 *
 * <p>This is for readers in the test's own JVM: whatever the moment at which a <em>living</em> writer is interrupted, a reader
 * must not see half a message. Which process has a lock, and which is dead, is not part of the content: for what a death leaves
 * there is {@link EachCrashPoint}.
 *
 * <p>A segment that an {@link Shm} without a scope injects is the same in all invocations. They run one after the other on one
 * thread, whatever the execution mode of the other tests.
 *
 * @since 0.1.0
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({EachStateProvider.class, ShmExtension.class})
public @interface EachState {
    /**
     * How many contents are shown at most. If there are more, the first are taken and a report entry says so.
     *
     * @return at least 1
     */
    int max() default 100_000;

    /**
     * What to do where no program can be traced, see {@link EachCrashPoint#unsupported()}.
     *
     * @return by default, and unless {@code shmkit.unsupported} is {@code FAIL}, the test is skipped with the reason
     */
    Unsupported unsupported() default Unsupported.SKIP;
}
