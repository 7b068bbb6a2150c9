package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.Checkpoints;
import io.github.shmkit.HelperDiedException;
import io.github.shmkit.JvmHelper;
import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.NativeHelper;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import java.time.Duration;
import java.util.List;
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
            String why = "; it was ended with test " + UsedAfterwardsCase.class.getName() + "#test, by which it was started";
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
                        .hasMessageMatching("parameter #\\d of method #\\w+ of \\S+: a (Segment|PosixQueue) is created "
                                + "where an @Shm stands; add @Shm to the parameter"));
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
            @Shm NamedSemaphore semaphore,
            @Shm Segment b,
            @Shm PosixQueue queue,
            @Shm(label = "own") Segment own) {
        assertThat(List.of(before, a.label(), b.label(), semaphore.label(), queue.label(), own.label()))
                .containsExactly("segment 1", "segment 1", "segment 2", "semaphore 1", "queue 1", "own");
        assertThat(kit.checkpoints().count(Checkpoints.TEST)).isZero();
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
}
