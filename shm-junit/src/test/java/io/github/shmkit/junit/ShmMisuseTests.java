package io.github.shmkit.junit;

import static io.github.shmkit.SegmentKind.MEMFD;
import static io.github.shmkit.SegmentKind.POSIX_SHM;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/** What cannot be had is an error that names the annotation, the element, the value and the remedy. */
class ShmMisuseTests {
    private static final String TYPES = "declare it as one of io.github.shmkit.Segment, java.nio.ByteBuffer, "
            + "java.lang.foreign.MemorySegment, java.nio.file.Path (Path for the file of an MMAP_FILE)";

    static class SizeZeroCase {
        @Shm(size = 0)
        Segment field;

        @Test
        void test() {}
    }

    @Test
    void sizeZero() {
        assertThat(NestedRun.of(SizeZeroCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@Shm(size = 0) on field " + SizeZeroCase.class.getName() + "#field: segment 'field': "
                        + "size 0 is not possible; a segment has at least 1 byte (mmap(2) and shmget(2) refuse 0)");
    }

    static class NegativeSizeCase {
        @Test
        void test(@Shm(size = -4096) Segment segment) {}
    }

    @Test
    void negativeSize() {
        assertThat(NestedRun.of(NegativeSizeCase.class).failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageStartingWith("@Shm(size = -4096) on parameter ")
                .hasMessageContaining("of method #test of " + NegativeSizeCase.class.getName() + ": ")
                .hasMessageContaining("size -4096 is not possible; a segment has at least 1 byte");
    }

    static class TooLargeCase {
        @Shm(size = Long.MAX_VALUE / 2)
        static Segment field;

        @Test
        void test() {}
    }

    @Test
    void moreThanDevShmHolds() {
        assertThat(NestedRun.of(TooLargeCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageStartingWith("@Shm(size = 4611686018427387903) on field " + TooLargeCase.class.getName()
                        + "#field: cannot create a POSIX_SHM of 4611686018427387903 bytes: /dev/shm holds ")
                .hasMessageContaining("ask for less, or free some");
    }

    static class FinalFieldCase {
        @Shm
        final Segment field = null;

        @Test
        void test() {}
    }

    @Test
    void finalField() {
        assertThat(NestedRun.of(FinalFieldCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@Shm on field " + FinalFieldCase.class.getName()
                        + "#field: the field is final and cannot be given anything; remove 'final'");
    }

    static class WrongFieldTypeCase {
        @Shm(kind = MEMFD)
        String field;

        @Test
        void test() {}
    }

    @Test
    void fieldOfWrongType() {
        assertThat(NestedRun.of(WrongFieldTypeCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@Shm(kind = MEMFD) on field " + WrongFieldTypeCase.class.getName()
                        + "#field: cannot be of type java.lang.String; " + TYPES);
    }

    static class WrongParameterTypeCase {
        WrongParameterTypeCase(@Shm(label = "x") long parameter) {}

        @Test
        void test() {}
    }

    @Test
    void parameterOfWrongType() {
        assertThat(NestedRun.of(WrongParameterTypeCase.class).failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageStartingWith("@Shm(label = \"x\") on parameter ")
                .hasMessageContaining("of the constructor of " + WrongParameterTypeCase.class.getName() + ": ")
                .hasMessageEndingWith("cannot be of type long; " + TYPES);
    }

    static class PathOfMemfdCase {
        @Shm(kind = MEMFD)
        Path field;

        @Test
        void test() {}
    }

    @Test
    void pathOfWhatIsNoFile() {
        assertThat(NestedRun.of(PathOfMemfdCase.class).failure())
                .hasMessageStartingWith("@Shm(kind = MEMFD) on field " + PathOfMemfdCase.class.getName()
                        + "#field: a MEMFD is no file of which a Path would tell");
    }

    static class RunWithoutLabelCase {
        @Shm(scope = Shm.Scope.RUN)
        Segment field;

        @Test
        void test() {}
    }

    @Test
    void runScopeWithoutLabel() {
        assertThat(NestedRun.of(RunWithoutLabelCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@Shm(scope = RUN) on field " + RunWithoutLabelCase.class.getName()
                        + "#field: scope RUN needs a label, by which all declarations of the segment find it; add "
                        + "label = \"…\"");
    }

    static class OneWayCase {
        @Shm(scope = Shm.Scope.RUN, label = "bus", size = 64)
        static Segment field;

        @Test
        void test() {}
    }

    static class OtherWayCase {
        @Test
        void test(@Shm(scope = Shm.Scope.RUN, label = "bus", size = 128) Segment parameter) {}
    }

    @Test
    void declarationsOfOneLabelThatDisagree() {
        assertThat(NestedRun.of(OneWayCase.class, OtherWayCase.class).failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageStartingWith("@Shm(size = 128, label = \"bus\", scope = RUN) on parameter ")
                .hasMessageContaining(
                        ": wants 128 bytes of POSIX_SHM filled with ZERO, but @Shm(size = 64, label = \"bus\", "
                                + "scope = RUN) on field " + OneWayCase.class.getName()
                                + "#field has made 'bus' for the whole run as 64 bytes of POSIX_SHM filled with ZERO; let both "
                                + "say the same, or give them different labels");
    }

    static class TwoKindsCase {
        @Shm(kind = {MEMFD, POSIX_SHM})
        Segment field;

        @Test
        void test() {}
    }

    @Test
    void twoKinds() {
        assertThat(NestedRun.of(TwoKindsCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@Shm(kind = {MEMFD, POSIX_SHM}) on field " + TwoKindsCase.class.getName()
                        + "#field: a segment has one kind, not several; use @EachSegmentKind to run the test for each");
    }

    static class TestScopeOfStaticFieldCase {
        @Shm(scope = Shm.Scope.TEST)
        static Segment field;

        @Test
        void test() {}
    }

    @Test
    void testScopeOfAStaticField() {
        assertThat(NestedRun.of(TestScopeOfStaticFieldCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageStartingWith("@Shm(scope = TEST) on field " + TestScopeOfStaticFieldCase.class.getName()
                        + "#field: scope TEST is not possible where there is no test yet");
    }

    static class TestScopeInBeforeAllCase {
        @BeforeAll
        static void beforeAll(@Shm(scope = Shm.Scope.TEST) Segment segment) {}

        @Test
        void test() {}
    }

    @Test
    void testScopeOfAParameterOfBeforeAll() {
        assertThat(NestedRun.of(TestScopeInBeforeAllCase.class).failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageStartingWith("@Shm(scope = TEST) on parameter ")
                .hasMessageContaining("of method #beforeAll of " + TestScopeInBeforeAllCase.class.getName())
                .hasMessageContaining("leave the scope away");
    }
}
