package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.Party;
import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

/** What a helper was to do and could not is a failure of the test, wherever the test looks. */
class UnseenFailureTests {
    /** Waits that nothing ends take 60 s here. */
    private static final Duration LONG = Duration.ofSeconds(60);

    private static final Duration SOON = Duration.ofSeconds(30);

    private static Throwable failureSoon(Class<?> testClass) {
        long start = System.nanoTime();
        Throwable failure = NestedRun.of(testClass).failure();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
        return failure;
    }

    private static JvmHelper failing(ShmTestkit kit) {
        JvmHelper helper = kit.jvm("peer").start();
        Remote<Integer> unused = helper.submit(context -> {
            throw new IllegalStateException("the ring is broken");
        });
        return helper;
    }

    // --- at the end of the test ---

    @ExtendWith(ShmExtension.class)
    static class TaskCase {
        @Test
        void test(ShmTestkit kit) {
            failing(kit);
        }
    }

    @Test
    void exceptionOfATaskThatNobodyAwaitsFailsTheTest() {
        Throwable failure = failureSoon(TaskCase.class);

        assertThat(failure)
                .isInstanceOf(HelperFailure.class)
                .hasMessageMatching("helper 'peer' \\(pid \\d+\\) threw java.lang.IllegalStateException: the ring is "
                        + "broken, and the test did not look at it: have it await the result");
        assertThat(NestedRun.suppressed(failure)).singleElement().satisfies(cause -> {
            assertThat(cause).isInstanceOf(IllegalStateException.class).hasMessage("the ring is broken");
            assertThat(cause.getStackTrace()[0].getClassName()).isEqualTo(UnseenFailureTests.class.getName());
        });
        assertThat(NestedRun.diagnostics(failure)).contains("helper 'peer' (pid ");
    }

    @ExtendWith(ShmExtension.class)
    static class ScriptCase {
        @Test
        void test(@Shm Segment segment, ShmTestkit kit) {
            NativeHelper helper = kit.nativeHelper("peer").attach(segment).start();
            Running unused = helper.run(Script.of(b ->
                    b.await(0, 4, Comparison.EQUAL, 1, Duration.ofMillis(1)).putInt(8, 5)));
            kit.await().until(unused::isDone);
        }
    }

    @Test
    void scriptThatTimedOutAndThatNobodyAwaitsFailsTheTest() {
        assertThat(failureSoon(ScriptCase.class))
                .isInstanceOf(HelperFailure.class)
                .hasMessageMatching(
                        "helper 'peer' \\(pid \\d+\\): step 0, .* waited in vain; the last value was 0, and "
                                + "the test did not look at it: have it await the result");
    }

    @ExtendWith(ShmExtension.class)
    static class FailedAnywayCase {
        @Test
        void test(ShmTestkit kit) {
            Remote<Integer> task = kit.jvm("peer").start().submit(context -> {
                throw new IllegalStateException("the ring is broken");
            });
            Awaitility.await().until(task::isDone);
            throw new AssertionError("the test's own");
        }
    }

    @Test
    void whereTheTestFailedAlreadyItIsSuppressed() {
        Throwable failure = failureSoon(FailedAnywayCase.class);

        assertThat(failure).hasMessage("the test's own");
        assertThat(NestedRun.suppressed(failure))
                .singleElement()
                .satisfies(other ->
                        assertThat(other).isInstanceOf(HelperFailure.class).hasMessageContaining("the ring is broken"));
    }

    @ExtendWith(ShmExtension.class)
    static class NoFailureCase {
        @Test
        void lookedAt(@Shm Segment segment, ShmTestkit kit) {
            JvmHelper helper = kit.jvm("peer").start();
            Remote<Integer> task = helper.submit(context -> {
                throw new IllegalStateException("the ring is broken");
            });
            assertThatThrownBy(task::await).hasMessageContaining("the ring is broken");
            NativeHelper other = kit.nativeHelper("other").attach(segment).start();
            Running script = other.run(Script.of(b -> b.await(0, 4, Comparison.EQUAL, 1, Duration.ofMillis(1))));
            assertThat(script.outcome().status()).isNotNull();
        }

        @Test
        void succeeded(ShmTestkit kit) {
            Remote<Integer> task = kit.jvm("peer").start().submit(context -> 1);
            kit.await().until(task::isDone);
        }

        @Test
        void goesOn(@Shm Segment segment, ShmTestkit kit) {
            Remote<Integer> unused = kit.jvm("peer").start().submit(context -> {
                new CountDownLatch(1).await();
                return 1;
            });
            Remote<Integer> here = kit.jvm("here").inProcess().start().submit(context -> {
                new CountDownLatch(1).await();
                return 1;
            });
            Running script = kit.nativeHelper("other").attach(segment).start().run(Script.of(b -> b.sleep(LONG)));
            assertThat(here.isDone() || script.isDone()).isFalse();
        }
    }

    @Test
    void whatSucceededOrGoesOnOrWasLookedAtFailsNothing() {
        NestedRun.of(NoFailureCase.class).allPassed(3);
    }

    // --- in a wait for something else ---

    @ExtendWith(ShmExtension.class)
    static class AwaitCase {
        @Test
        void test(@Shm(label = "ring") Segment segment, ShmTestkit kit) {
            failing(kit);
            kit.await().atMost(LONG).untilInt(segment, 0, is(1));
        }
    }

    @Test
    void exceptionOfATaskEndsAWaitOfTheKit() {
        Throwable failure = failureSoon(AwaitCase.class);

        assertThat(failure)
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageMatching("waiting for the int at offset 0 of 'ring' .*: helper 'peer' \\(pid \\d+\\) threw "
                        + "java.lang.IllegalStateException: the ring is broken")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(NestedRun.suppressed(failure)).isEmpty();
    }

    @ExtendWith(ShmExtension.class)
    static class CheckpointCase {
        @Test
        void test(ShmTestkit kit) {
            failing(kit);
            kit.checkpoints().await("written", 1, LONG);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class BarrierCase {
        @Test
        void test(ShmTestkit kit) {
            failing(kit);
            kit.checkpoints().barrier("go", Party.SELF, Party.helper("peer"));
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {CheckpointCase.class, BarrierCase.class})
    void exceptionOfATaskEndsAWaitAtACheckpoint(Class<?> testClass) {
        Throwable failure = failureSoon(testClass);

        assertThat(failure)
                .isInstanceOf(ShmException.class)
                .hasMessageMatching("waiting (for|at) .*: helper 'peer' \\(pid \\d+\\) threw "
                        + "java.lang.IllegalStateException: the ring is broken; .*")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(NestedRun.suppressed(failure)).isEmpty();
    }

    @ExtendWith(ShmExtension.class)
    static class ScriptWaitCase {
        @Test
        void test(@Shm(label = "ring") Segment segment, ShmTestkit kit) {
            NativeHelper helper = kit.nativeHelper("peer").attach(segment).start();
            Running unused = helper.run(Script.of(b ->
                    b.await(0, 4, Comparison.EQUAL, 1, Duration.ofMillis(50)).putInt(8, 5)));
            kit.await().atMost(LONG).untilInt(segment, 8, is(5));
        }
    }

    @Test
    void scriptThatTimedOutEndsAWaitOfTheKit() {
        assertThat(failureSoon(ScriptWaitCase.class))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageMatching(
                        "waiting for the int at offset 8 of 'ring' .*: helper 'peer' \\(pid \\d+\\): step 0, "
                                + ".* waited in vain; the last value was 0");
    }
}
