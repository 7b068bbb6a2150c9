package io.github.shmkit.junit;

import static io.github.shmkit.SegmentKind.MEMFD;
import static io.github.shmkit.SegmentKind.MMAP_FILE;
import static io.github.shmkit.SegmentKind.POSIX_SHM;
import static io.github.shmkit.SegmentKind.SYSV_SHM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.shmkit.Fill;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.junit.NestedRun.Seen;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShmInjectionTests {
    @Test
    void aParameterIsGivenWhatTheAnnotationSays(
            @Shm(kind = SYSV_SHM, size = 100, label = "mine", fill = Fill.A5) Segment segment) {
        assertThat(segment.kind()).isEqualTo(SYSV_SHM);
        assertThat(segment.size()).isEqualTo(100);
        assertThat(segment.label()).isEqualTo("mine");
        assertThat(segment.getByte(99)).isEqualTo((byte) 0xa5);
    }

    @Test
    void withoutAnyAttributeItIsAPageOfZerosInPosixSharedMemory(@Shm Segment segment) {
        assertThat(segment.kind()).isEqualTo(POSIX_SHM);
        assertThat(segment.size()).isEqualTo(4096);
        assertThat(segment.getLong(4088)).isZero();
    }

    @Test
    void aBufferIsAllOfTheSegment(@Shm(size = 100, kind = SYSV_SHM) ByteBuffer buffer) {
        assertThat(buffer.capacity()).isEqualTo(100);
        assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
        buffer.putInt(96, 7);
        assertThat(buffer.getInt(96)).isEqualTo(7);
    }

    @Test
    void aPathIsTheFileOfAMappedFile(@Shm(size = 100, fill = Fill.A5) Path path) throws IOException {
        assertThat(Files.readAllBytes(path)).hasSize(100).containsOnly(0xa5);
    }

    @Test
    void randomContentsAreNoZeros(@Shm(fill = Fill.RANDOM) Segment a, @Shm(fill = Fill.RANDOM) Segment b) {
        assertThat(a.getBytes(0, 4096)).isNotEqualTo(b.getBytes(0, 4096)).isNotEqualTo(new byte[4096]);
    }

    static class RunScopedCase {
        static final Seen SEEN = new Seen();

        @Shm(scope = Shm.Scope.RUN, label = "bus")
        Segment field;

        @RepeatedTest(2)
        void test(@Shm(scope = Shm.Scope.RUN, label = "bus") Segment parameter) {
            assertThat(parameter).isSameAs(field);
            parameter.getAndAddInt(0, 1);
            SEEN.add(parameter);
        }
    }

    static class RunScopedTooCase {
        @Test
        void test(@Shm(scope = Shm.Scope.RUN, label = "bus") Segment parameter) {
            parameter.getAndAddInt(0, 1);
            RunScopedCase.SEEN.add(parameter);
            assertThat(parameter.getInt(0)).isEqualTo(3);
        }
    }

    @Test
    void aLabelIsOneSegmentInTheWholeRun() {
        NestedRun.of(RunScopedCase.class, RunScopedTooCase.class).allPassed(3);

        RunScopedCase.SEEN.assertGone(1);
    }

    @Test
    void eachDeclarationHasItsOwn(@Shm Segment a, @Shm Segment b) {
        a.putInt(0, 7);

        assertThat(b.getInt(0)).isZero();
        assertThat(a.address()).isNotEqualTo(b.address());
    }

    @Shm(kind = MEMFD, size = 1 << 20)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Big {}

    @Test
    void anAnnotationThatHasItMeansTheSame(@Big Segment segment) {
        assertThat(segment.kind()).isEqualTo(MEMFD);
        assertThat(segment.size()).isEqualTo(1 << 20);
    }

    static class FieldsCase {
        static final Seen CLASS_SCOPED = new Seen();
        static final Seen TEST_SCOPED = new Seen();

        @Shm
        private static Segment shared;

        @Shm(kind = MMAP_FILE)
        private Segment own;

        @Shm(scope = Shm.Scope.CLASS)
        Segment ownFieldOfTheClass;

        @BeforeAll
        static void sharedIsThereFirst() {
            shared.getAndAddInt(0, 1);
        }

        @BeforeEach
        void ownIsThereBefore() {
            assertThat(own.label()).isEqualTo("own");
            assertThat(own.getInt(0)).isZero();
            own.putInt(0, 1);
        }

        @RepeatedTest(3)
        void test(RepetitionInfo repetition) {
            assertThat(shared.getAndAddInt(0, 1)).isEqualTo(repetition.getCurrentRepetition());
            assertThat(ownFieldOfTheClass.getAndAddInt(0, 1)).isEqualTo(repetition.getCurrentRepetition() - 1);
            TEST_SCOPED.add(own);
            CLASS_SCOPED.add(shared);
            CLASS_SCOPED.add(ownFieldOfTheClass);
        }
    }

    @Test
    void staticFieldsLiveAsLongAsTheClassAndInstanceFieldsAsTheTest() {
        NestedRun.of(FieldsCase.class).allPassed(3);

        FieldsCase.TEST_SCOPED.assertGone(3);
        FieldsCase.CLASS_SCOPED.assertGone(2);
    }

    static class LifecycleParametersCase {
        static final Seen CLASS_SCOPED = new Seen();
        static final Seen TEST_SCOPED = new Seen();

        LifecycleParametersCase(@Shm Segment ofConstructor) {
            TEST_SCOPED.add(ofConstructor);
        }

        @BeforeAll
        static void beforeAll(@Shm Segment segment, ShmTestkit kit) {
            CLASS_SCOPED.add(segment);
            CLASS_SCOPED.add(kit.create(SegmentSpec.of(MEMFD)));
        }

        @BeforeEach
        void beforeEach(@Shm Segment segment) {
            TEST_SCOPED.add(segment);
        }

        @Test
        void first(@Shm Segment segment, ShmTestkit kit) {
            test(segment, kit);
        }

        @Test
        void second(@Shm Segment segment, ShmTestkit kit) {
            test(segment, kit);
        }

        private static void test(Segment segment, ShmTestkit kit) {
            TEST_SCOPED.add(segment);
            TEST_SCOPED.add(kit.create(SegmentSpec.of(SYSV_SHM)));
            assertThat(TEST_SCOPED.existing()).as("of this test alone").hasSize(4);
            assertThat(CLASS_SCOPED.existing()).hasSize(2);
        }

        @AfterEach
        void afterEach(@Shm Segment segment) {
            TEST_SCOPED.add(segment);
        }

        @AfterAll
        static void afterAll(@Shm Segment segment) {
            CLASS_SCOPED.add(segment);
        }
    }

    @Test
    void parametersOfConstructorsAndLifecycleMethodsLiveAsLongAsWhatTheyAreFor() {
        NestedRun.of(LifecycleParametersCase.class).allPassed(2);

        LifecycleParametersCase.TEST_SCOPED.assertGone(10);
        LifecycleParametersCase.CLASS_SCOPED.assertGone(3);
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class OneInstanceCase {
        static final Seen CLASS_SCOPED = new Seen();
        static final Seen TEST_SCOPED = new Seen();

        @Shm
        private Segment perTest;

        @Shm(scope = Shm.Scope.CLASS)
        private Segment perClass;

        private final Segment ofConstructor;

        OneInstanceCase(@Shm Segment ofConstructor) {
            this.ofConstructor = ofConstructor;
        }

        @BeforeAll
        void beforeAll() {
            perClass.putInt(0, 5);
        }

        @RepeatedTest(2)
        void test() {
            assertThat(perTest.getAndAddInt(0, 1)).isZero();
            assertThat(perClass.getInt(0)).isEqualTo(5);
            TEST_SCOPED.add(perTest);
            CLASS_SCOPED.add(perClass);
            CLASS_SCOPED.add(ofConstructor);
        }
    }

    @Test
    void withOneInstanceForAllTestsItsFieldsAreStillFreshForEach() {
        NestedRun.of(OneInstanceCase.class).allPassed(2);

        OneInstanceCase.TEST_SCOPED.assertGone(2);
        OneInstanceCase.CLASS_SCOPED.assertGone(2);
    }

    static class OuterCase {
        static final Seen CLASS_SCOPED = new Seen();
        static final Seen TEST_SCOPED = new Seen();

        @Shm
        private Segment outer;

        @Shm(scope = Shm.Scope.CLASS)
        private Segment outerOfTheClass;

        @Nested
        class Inner {
            @Shm
            private Segment inner;

            @RepeatedTest(2)
            void test() {
                TEST_SCOPED.add(inner);
                TEST_SCOPED.add(outer);
                CLASS_SCOPED.add(outerOfTheClass);
            }
        }

        @Nested
        class Other {
            @Test
            void test() {
                TEST_SCOPED.add(outer);
                CLASS_SCOPED.add(outerOfTheClass);
            }
        }
    }

    @Test
    void fieldsOfEnclosingInstancesAreInjectedToo() {
        NestedRun.of(OuterCase.class).allPassed(3);

        OuterCase.TEST_SCOPED.assertGone(5);
        OuterCase.CLASS_SCOPED.assertGone(1);
    }

    record RecordCase(@Shm(size = 8) Segment component, ShmTestkit kit) {
        static final Seen SEEN = new Seen();

        @Test
        void test() {
            assertThat(component.label()).isNotEmpty();
            SEEN.add(component);
            SEEN.add(kit.create(SegmentSpec.of(MMAP_FILE)));
        }
    }

    @Test
    void componentsOfARecordAreParametersOfItsConstructor() {
        NestedRun.of(RecordCase.class).allPassed(1);

        RecordCase.SEEN.assertGone(2);
    }

    static class ParameterizedCase {
        static final Seen SEEN = new Seen();

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        void test(int value, @Shm Segment segment) {
            assertThat(segment.getAndAddInt(0, value)).isZero();
            SEEN.add(segment);
        }
    }

    @Test
    void eachInvocationOfAParameterizedTestHasItsOwn() {
        NestedRun.of(ParameterizedCase.class).allPassed(3);

        ParameterizedCase.SEEN.assertGone(3);
    }

    static class FactoryCase {
        static final Seen SEEN = new Seen();

        @TestFactory
        List<DynamicTest> tests(@Shm Segment segment) {
            SEEN.add(segment);
            return List.of(
                    DynamicTest.dynamicTest(
                            "a", () -> assertThat(segment.getAndAddInt(0, 1)).isZero()),
                    DynamicTest.dynamicTest(
                            "b", () -> assertThat(segment.getAndAddInt(0, 1)).isEqualTo(1)));
        }
    }

    @Test
    void theTestsOfAFactoryShareItsSegment() {
        NestedRun.of(FactoryCase.class).allPassed(2);

        FactoryCase.SEEN.assertGone(1);
    }

    abstract static class InheritedFields {
        @Shm
        private Segment inherited;

        Segment inherited() {
            return inherited;
        }
    }

    static class InheritingCase extends InheritedFields {
        static final Seen SEEN = new Seen();

        @Test
        void test(@Shm Segment segment) {
            SEEN.add(segment);
            SEEN.add(inherited());
        }
    }

    @Test
    void inheritedFieldsAreInjectedToo() {
        NestedRun.of(InheritingCase.class).allPassed(1);

        InheritingCase.SEEN.assertGone(2);
    }

    @ExtendWith(ShmExtension.class)
    static class OnlyTheKitCase {
        static final Seen SEEN = new Seen();
        static final List<ShmTestkit> KITS = new CopyOnWriteArrayList<>();

        @Test
        void test(ShmTestkit kit) {
            SEEN.add(kit.create(SegmentSpec.of(POSIX_SHM)));
            KITS.add(kit);
        }
    }

    @Test
    void theExtensionByItselfGivesAKitThatEndsWithItsTest() {
        NestedRun.of(OnlyTheKitCase.class).allPassed(1);

        OnlyTheKitCase.SEEN.assertGone(1);
        ShmTestkit stale = OnlyTheKitCase.KITS.get(0);
        assertThatIllegalStateException()
                .isThrownBy(() -> stale.create(SegmentSpec.of(POSIX_SHM)))
                .withMessageContaining("OnlyTheKitCase")
                .withMessageContaining("is over");
    }

    static class FailingCase {
        static final Seen SEEN = new Seen();

        @Shm(kind = SYSV_SHM)
        Segment field;

        @Test
        void test(@Shm Segment segment) {
            SEEN.add(segment);
            SEEN.add(field);
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void nothingIsLeftOfATestThatFailed() {
        NestedRun run = NestedRun.of(FailingCase.class);

        assertThat(run.failure()).hasMessage("on purpose");
        assertThat(NestedRun.suppressed(run.failure())).isEmpty();
        FailingCase.SEEN.assertGone(2);
    }

    static class UseAfterCloseCase {
        static final List<Segment> SEGMENTS = new CopyOnWriteArrayList<>();

        @Test
        void test(@Shm(label = "gone") Segment segment) {
            SEGMENTS.add(segment);
        }
    }

    @Test
    void aSegmentThatIsUsedAfterItsTestSaysSo() {
        NestedRun.of(UseAfterCloseCase.class).allPassed(1);

        assertThatIllegalStateException()
                .isThrownBy(() -> UseAfterCloseCase.SEGMENTS.get(0).getInt(0))
                .withMessageContaining("'gone' is closed");
    }
}
