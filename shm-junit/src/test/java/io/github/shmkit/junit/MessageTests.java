package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.Party;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.opentest4j.AssertionFailedError;

/** Mistakes that are easily made, and what the message says of them. */
@ExtendWith(ShmExtension.class)
class MessageTests {
    private static final Duration SHORT = Duration.ofMillis(60);

    @Test
    void forgottenStartIsNamedByAWait(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper.Builder forgotten = kit.nativeHelper("writer").attach(segment);
        String hint = "; never started: 'writer', described in test " + MessageTests.class.getName()
                + "#forgottenStartIsNamedByAWait without a call of start()";

        assertThatThrownBy(() -> kit.await().atMost(SHORT).untilInt(segment, 0, is(1)))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageEndingWith(hint);
        assertThatThrownBy(() -> kit.checkpoints().await("up", 1, SHORT))
                .isInstanceOf(ShmException.class)
                .hasMessageEndingWith(hint);
        forgotten.start();
        assertThatThrownBy(() -> kit.await().atMost(SHORT).untilInt(segment, 0, is(1)))
                .hasMessageNotContaining("never started");
    }

    @ExtendWith(ShmExtension.class)
    static class UsedAfterwardsCase {
        static NativeHelper driven;
        static JvmHelper jvm;

        @Test
        void test(@Shm Segment segment, ShmTestkit kit) {
            driven = kit.nativeHelper("driven").attach(segment).start();
            jvm = kit.jvm("jvm").start();
        }

        @AfterAll
        static void use() {
            String why =
                    "; it was ended with test " + UsedAfterwardsCase.class.getName() + "#test, by which it was started";
            assertThatThrownBy(() -> driven.putInt(0, 1))
                    .isInstanceOf(HelperDiedException.class)
                    .hasMessageContaining(why);
            assertThatThrownBy(() -> jvm.call(context -> 1))
                    .isInstanceOf(HelperDiedException.class)
                    .hasMessageContaining(why);
        }
    }

    @Test
    void helperThatIsUsedAfterItsTestSaysSo() {
        NestedRun.of(UsedAfterwardsCase.class).allPassed(1);
    }

    @Test
    void secondLivingHelperOfANameIsAnError(ShmTestkit kit) {
        NativeHelper first = kit.nativeHelper("peer").start();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> kit.command("peer", "true").start())
                .withMessage("test " + MessageTests.class.getName()
                        + "#secondLivingHelperOfANameIsAnError has a helper 'peer' that is alive; give this one another "
                        + "name: barriers and reports know them by it");
        first.kill();
        assertThat(kit.nativeHelper("peer").start().isAlive()).isTrue();
    }

    @ExtendWith(ShmExtension.class)
    static class NoAnnotationCase {
        @Test
        void segment(ShmTestkit kit, Segment segment) {}

        @Test
        void queue(PosixQueue queue) {}
    }

    @Test
    void segmentWithoutAnnotationSaysWhatIsMissing() {
        assertThat(NestedRun.of(NoAnnotationCase.class).failures())
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(ParameterResolutionException.class)
                        .hasMessageMatching("parameter #\\d of method #\\w+ of \\S+: a (Segment is created by "
                                + "@Shm|PosixQueue is created by @ShmQueue); add it to the parameter"));
    }

    static List<Segment> none() {
        return java.util.Collections.singletonList(null);
    }

    @ParameterizedTest
    @NullSource
    @MethodSource("none")
    void segmentOfATemplateIsTheTemplates(Segment argument, @Shm Segment ours) {
        assertThat(argument).isNull();
        assertThat(ours.size()).isPositive();
    }

    static class ArrayCase {
        @Test
        void test(@Shm byte[] bytes) {}
    }

    @Test
    void typeOfAnArrayIsWrittenAsInJava() {
        assertThat(NestedRun.of(ArrayCase.class).failure()).hasMessageContaining("cannot be of type byte[]; declare");
    }

    private String before;

    @BeforeEach
    void remember(@Shm Segment segment) {
        before = segment.label();
    }

    @Test
    void labelsOfParametersAreTheirTypesAndPositions(
            @Shm Segment a,
            ShmTestkit kit,
            @ShmSemaphore NamedSemaphore semaphore,
            @Shm Segment b,
            @ShmQueue PosixQueue queue,
            @Shm(label = "own") Segment own) {
        assertThat(List.of(before, a.label(), b.label(), semaphore.label(), queue.label(), own.label()))
                .containsExactly("segment 1", "segment 1", "segment 2", "semaphore 1", "queue 1", "own");
        assertThat(kit.checkpoints().count(Party.TEST.name())).isZero();
    }

    static Segment ofTheClass;

    @BeforeAll
    static void field(@Shm Segment segment) {
        ofTheClass = segment;
    }

    @Test
    void labelOfALifecycleMethodsParameterToo() {
        assertThat(ofTheClass.label()).isEqualTo("segment 1");
    }

    @Test
    void hangingTaskShowsItsStack(ShmTestkit kit) {
        for (JvmHelper helper :
                List.of(kit.jvm("peer").start(), kit.jvm("here").inProcess().start())) {
            Remote<Integer> task = helper.submit(context -> {
                context.reach("hanging in " + context.name());
                new CountDownLatch(1).await();
                return 1;
            });
            kit.checkpoints().await("hanging in " + helper.name());

            assertThatThrownBy(() -> task.await(Duration.ofMillis(300)))
                    .isInstanceOf(ShmException.class)
                    .hasMessageMatching(
                            "(?s)helper '\\w+' \\([^)]+\\) did not finish within 300 ms; it is \\w+; the task is "
                                    + "here:\n  at .*CountDownLatch\\.await.*")
                    .hasMessageContaining("MessageTests.java:")
                    .hasMessageNotContaining("use await(Duration)");
        }
    }

    @ExtendWith(ShmExtension.class)
    static class CrashCase {
        @Test
        void crash(ShmTestkit kit) {
            JvmHelper helper = kit.jvm("peer").start();
            helper.signal(Signal.SIGSEGV);
            throw new AssertionError(String.valueOf(helper.awaitExit()));
        }

        @Test
        void memory(ShmTestkit kit) {
            JvmHelper helper = kit.jvm("peer")
                    .jvmArgs("-Xmx16m", "-XX:+ExitOnOutOfMemoryError")
                    .start();
            helper.submit(context -> new byte[1 << 30].length).await();
        }
    }

    @Test
    void jvmThatHasNoMemoryLeftOrCrashesSaysSo() {
        List<Throwable> failures = NestedRun.of(CrashCase.class).failures();

        assertThat(failures).hasSize(2).anySatisfy(failure -> {
            assertThat(failure)
                    .isInstanceOf(HelperDiedException.class)
                    .hasMessageContaining("stdout:")
                    .hasMessageContaining("Terminating due to java.lang.OutOfMemoryError");
            assertThat(NestedRun.diagnostics(failure))
                    .contains("  stdout: Terminating due to java.lang.OutOfMemoryError");
        });
        assertThat(failures).anySatisfy(failure -> {
            assertThat(NestedRun.diagnostics(failure)).contains("  stdout: #  SIGSEGV ", "hs_err_");
            assertThat(NestedRun.suppressed(failure))
                    .singleElement()
                    .satisfies(death -> assertThat(death)
                            .isInstanceOf(HelperFailure.class)
                            .hasMessageContaining("; the JVM crashed, see "));
        });
    }

    @ExtendWith(ShmExtension.class)
    static class NobodyLeftCase {
        @Test
        void test(@Shm(label = "ring") Segment segment, ShmTestkit kit) {
            kit.command("writer", "true").attach(segment).start();
            kit.await().atMost(Duration.ofMinutes(1)).untilInt(segment, 0, is(1));
        }
    }

    @Test
    void waitEndsSoonAfterTheOnlyHelperExited() {
        long start = System.nanoTime();

        assertThat(NestedRun.of(NobodyLeftCase.class).failure())
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageMatching(
                        "waiting for the int at offset 0 of 'ring' to be 1 \\(last value 0\\): no process is "
                                + "left that could change it: helper 'writer' \\(pid \\d+\\) exited with code 0");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void waitGoesOnWhereTheValueChangesOrAHelperLives(@Shm Segment segment, ShmTestkit kit) throws Exception {
        kit.command("writer", "true").attach(segment).start().awaitExit();
        Thread slow = new Thread(() -> {
            for (int i = 1; i <= 5; i++) {
                LockSupport.parkNanos(400_000_000);
                segment.putIntVolatile(0, i);
            }
        });
        slow.start();
        kit.await().untilInt(segment, 0, is(5));
        slow.join();

        NativeHelper later = kit.nativeHelper("later").attach(segment).start();
        Running writing =
                later.run(Script.of(b -> b.sleep(Duration.ofMillis(1500)).putInt(0, 6)));
        kit.await().untilInt(segment, 0, is(6));
        writing.await();
    }
}
