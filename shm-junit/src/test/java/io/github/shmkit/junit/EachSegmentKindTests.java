package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.NestedRun.Seen;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

class EachSegmentKindTests {
    static class AllCase {
        static final Seen SEEN = new Seen();
        static final Queue<SegmentKind> KINDS = new ConcurrentLinkedQueue<>();

        @Shm
        private Segment field;

        @Shm(kind = SegmentKind.MEMFD)
        private Segment alwaysMemfd;

        private final Segment ofConstructor;
        private Segment ofBeforeEach;

        AllCase(@Shm Segment ofConstructor) {
            this.ofConstructor = ofConstructor;
        }

        @BeforeEach
        void beforeEach(@Shm Segment segment) {
            ofBeforeEach = segment;
        }

        @EachSegmentKind
        void each(SegmentKind kind, @Shm Segment parameter) {
            assertThat(parameter.kind()).isEqualTo(kind);
            assertThat(field.kind()).isEqualTo(kind);
            assertThat(ofConstructor.kind()).isEqualTo(kind);
            assertThat(ofBeforeEach.kind()).isEqualTo(kind);
            assertThat(alwaysMemfd.kind()).isEqualTo(SegmentKind.MEMFD);
            KINDS.add(kind);
            SEEN.add(parameter);
            SEEN.add(field);
        }

        @Test
        void ordinary(@Shm Segment parameter) {
            assertThat(parameter.kind()).isEqualTo(SegmentKind.POSIX_SHM);
            assertThat(field.kind()).isEqualTo(SegmentKind.POSIX_SHM);
            assertThat(ofConstructor.kind()).isEqualTo(SegmentKind.POSIX_SHM);
        }
    }

    @Test
    void everyDeclarationTakesTheKindOfTheInvocation() {
        NestedRun run = NestedRun.of(AllCase.class).allPassed(5);

        assertThat(AllCase.KINDS).containsExactlyInAnyOrder(SegmentKind.values());
        assertThat(run.displayNames()).contains("[1] MMAP_FILE", "[2] MEMFD", "[3] POSIX_SHM", "[4] SYSV_SHM");
        AllCase.SEEN.assertGone(8);
    }

    static class SomeCase {
        @EachSegmentKind({SegmentKind.SYSV_SHM, SegmentKind.MMAP_FILE})
        void each(@Shm Segment segment) {}
    }

    @Test
    void theKindsAreInTheOrderInWhichTheyAreNamed() {
        assertThat(NestedRun.of(SomeCase.class).allPassed(2).displayNames())
                .containsExactly("[1] SYSV_SHM", "[2] MMAP_FILE");
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class OneInstanceCase {
        @Shm
        private Segment field;

        @EachSegmentKind
        void each(SegmentKind kind, @Shm Segment parameter) {
            assertThat(field.kind()).isEqualTo(kind);
            assertThat(parameter.kind()).isEqualTo(kind);
        }
    }

    @Test
    void withOneInstanceForAllTestsToo() {
        NestedRun.of(OneInstanceCase.class).allPassed(4);
    }

    static class OuterCase {
        @Shm
        private Segment outer;

        @Nested
        class Inner {
            @EachSegmentKind
            void each(SegmentKind kind) {
                assertThat(outer.kind()).isEqualTo(kind);
            }
        }
    }

    @Test
    void fieldsOfEnclosingInstancesToo() {
        NestedRun.of(OuterCase.class).allPassed(4);
    }

    @EachSegmentKind(SegmentKind.MEMFD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface OnMemfd {}

    static class MetaCase {
        @OnMemfd
        void each(@Shm Segment segment) {
            assertThat(segment.kind()).isEqualTo(SegmentKind.MEMFD);
        }
    }

    @Test
    void byWayOfAnotherAnnotation() {
        NestedRun.of(MetaCase.class).allPassed(1);
    }

    static class ParallelCase {
        static final Seen SEEN = new Seen();

        @Shm
        private Segment field;

        @EachSegmentKind
        void each(SegmentKind kind, @Shm Segment parameter) {
            assertThat(field.kind()).isEqualTo(kind);
            assertThat(parameter.kind()).isEqualTo(kind);
            SEEN.add(parameter);
            SEEN.add(field);
        }
    }

    @Test
    void invocationsThatRunAtOnceDoNotMixTheirKinds() {
        NestedRun.inParallel(ParallelCase.class).allPassed(4);

        ParallelCase.SEEN.assertGone(8);
    }

    static class NoKindCase {
        @EachSegmentKind({})
        void each() {}
    }

    @Test
    void noKindAtAllIsAnError() {
        assertThat(NestedRun.of(NoKindCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@EachSegmentKind(value = {}) on method #each of " + NoKindCase.class.getName()
                        + " names no kind, so that nothing would run; name some, or leave the value away for all");
    }

    static class TwoTemplatesCase {
        @EachSegmentKind(SegmentKind.MEMFD)
        @RepeatedTest(2)
        void each(@Shm Segment segment) {}
    }

    @Test
    void anotherTemplateOnTheSameMethodIsAnErrorRatherThanAWrongKind() {
        NestedRun run = NestedRun.of(TwoTemplatesCase.class);

        run.results().testEvents().assertStatistics(stats -> stats.succeeded(1).failed(2));
        assertThat(run.failures())
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageContaining("@EachSegmentKind cannot be combined with another test template"));
    }
}
