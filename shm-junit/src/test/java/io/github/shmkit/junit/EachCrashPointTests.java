package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptFailedException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

class EachCrashPointTests {
    static class Publish implements Supplier<Script> {
        @Override
        public Script get() {
            return Script.of(b -> b.putInt(4, 5)
                    .repeat(3, r -> r.getAndAddInt(8, 1).getAndAddInt(12, 1))
                    .putInt(0, 1, MemoryOrder.RELEASE));
        }
    }

    static class PublishCase {
        static final Queue<List<Integer>> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint(script = Publish.class)
        void test(CrashPoint at, @Shm Segment segment) {
            at.runAndCrash(segment);
            SEEN.add(List.of(at.steps(), segment.getInt(4), segment.getInt(8), segment.getInt(12), segment.getInt(0)));
        }
    }

    @Test
    void theScriptIsCutAfterEachOfItsSteps() {
        NestedRun run = NestedRun.of(PublishCase.class).allPassed(5);

        assertThat(PublishCase.SEEN)
                .containsExactly(
                        List.of(0, 0, 0, 0, 0),
                        List.of(1, 5, 0, 0, 0),
                        List.of(3, 5, 1, 0, 0),
                        List.of(4, 5, 1, 1, 0),
                        List.of(6, 5, 3, 3, 1));
        assertThat(run.displayNames())
                .containsExactly(
                        "[1/5] killed before PUT 4 bytes at offset 4, 5",
                        "[2/5] killed after PUT 4 bytes at offset 4, 5",
                        "[3/5] killed after ADD 4 bytes at offset 8, 1, VOLATILE",
                        "[4/5] killed after ADD 4 bytes at offset 12, 1, VOLATILE",
                        "[5/5] killed after PUT 4 bytes at offset 0, 1, RELEASE");
    }

    static class Empty implements Supplier<Script> {
        @Override
        public Script get() {
            return Script.of(b -> {});
        }
    }

    static class EmptyCase {
        @EachCrashPoint(script = Empty.class)
        void test(CrashPoint at) {}
    }

    @Test
    void aScriptWithoutStepsIsAnError() {
        assertThat(NestedRun.of(EmptyCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageEndingWith("has no steps");
    }

    static class Failing implements Supplier<Script> {
        @Override
        public Script get() {
            return Script.of(b -> b.getInt(0).check(io.github.shmkit.script.Comparison.EQUAL, 7));
        }
    }

    static class FailingCase {
        @EachCrashPoint(script = Failing.class)
        void test(CrashPoint at, @Shm Segment segment) {
            at.runAndCrash(segment);
        }
    }

    @Test
    void aStepThatFailsBeforeTheCrashFailsTheTest() {
        assertThat(NestedRun.of(FailingCase.class).failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(ScriptFailedException.class)
                        .hasMessageContaining("does not hold"));
    }
}
