package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SharedMutex;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Remote;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a helper waits for, and waits for a helper. */
@ExtendWith(ShmExtension.class)
class WaitingHelperTests {
    private static final int MUTEX = 128;
    private static final Duration LONG = Duration.ofMinutes(1);

    private static JvmHelper blockedInAMutex(Segment segment, ShmTestkit kit) {
        JvmHelper helper = kit.jvm("locker").attach(segment).start();
        Remote<Integer> unused = helper.submit(context -> {
            SharedMutex mutex = context.segment().mutexAt(MUTEX);
            mutex.lock(LONG);
            mutex.unlock();
            return 1;
        });
        return helper;
    }

    @EachSegmentKind
    void aHelperBlocksAtItsPlaceInASegment(@Shm Segment segment, ShmTestkit kit) {
        SharedMutex mutex = segment.mutexAt(MUTEX);
        mutex.lock(LONG);
        blockedInAMutex(segment, kit).awaitBlockedOn(segment, MUTEX);
        mutex.unlock();
    }

    static class HangingCase {
        @Test
        void test(@Shm(label = "ring") Segment segment, ShmTestkit kit) {
            segment.mutexAt(MUTEX).lock(LONG);
            blockedInAMutex(segment, kit).awaitBlockedOn(segment, MUTEX);
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void reportTellsWhereAHelperBlocks() {
        assertThat(NestedRun.diagnostics(NestedRun.of(HangingCase.class).failure()))
                .contains("  blocked in futex(2) at offset " + MUTEX + " of 'ring'")
                .containsPattern("  task 1: at \\S+");
    }

    @Test
    void aLineThatIsWrittenLaterIsReturned(ShmTestkit kit) {
        CommandHelper helper = kit.command(
                        "server", "/bin/sh", "-c", "sleep 0.1; echo port 4711; echo up >&2; sleep 60")
                .start();

        assertThat(helper.awaitLine("port")).isEqualTo("port 4711");
        assertThat(helper.awaitLine("up")).isEqualTo("up");
    }

    @Test
    void aLineThatDoesNotComeBeforeTheEndIsAnError(ShmTestkit kit) {
        CommandHelper helper =
                kit.command("server", "/bin/sh", "-c", "echo port 4711").start();

        assertThatThrownBy(() -> helper.awaitLine("never"))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageMatching("(?s)helper 'server' \\(pid \\d+\\) exited with code 0 before it wrote a line with "
                        + "\"never\"; stdout:\\n  port 4711");
    }

    static long twoPages() {
        return 2L * SegmentSpec.DEFAULT_SIZE;
    }

    static int three() {
        return 3;
    }

    @Shm(sizeOf = "three")
    private Segment field;

    @Test
    void sizeComesFromAMethod(@Shm(sizeOf = "twoPages", kind = SegmentKind.MEMFD) Segment segment) {
        assertThat(segment.size()).isEqualTo(8192);
        assertThat(field.size()).isEqualTo(3);
    }

    static class BadSizeCase {
        int notStatic() {
            return 1;
        }

        @Test
        void missing(@Shm(sizeOf = "missing") Segment segment) {}

        @Test
        void notStatic(@Shm(sizeOf = "notStatic") Segment segment) {}

        @Test
        void both(@Shm(size = 1, sizeOf = "notStatic") Segment segment) {}
    }

    @Test
    void methodThatIsMissingOrNotStaticIsAnError() {
        assertThat(NestedRun.of(BadSizeCase.class).failures())
                .extracting(Throwable::getMessage)
                .satisfiesExactlyInAnyOrder(
                        message -> assertThat(message)
                                .startsWith("@Shm(sizeOf = \"missing\") on parameter #1 of method #missing of ")
                                .endsWith(
                                        BadSizeCase.class.getName() + " has no static method missing() that returns an "
                                                + "int or a long; 'sizeOf' needs one"),
                        message -> assertThat(message).contains(" has no static method notStatic() "),
                        message -> assertThat(message)
                                .endsWith("'size' and 'sizeOf' exclude each other; remove one of " + "them"));
    }
}
