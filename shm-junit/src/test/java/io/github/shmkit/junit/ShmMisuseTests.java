package io.github.shmkit.junit;

import static io.github.shmkit.SegmentKind.MEMFD;
import static io.github.shmkit.SegmentKind.POSIX_SHM;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/** What cannot be had is an error that names the annotation, the element, the value and the remedy. */
class ShmMisuseTests {
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
                        + "#field: the field is final and cannot be given a segment; remove 'final'");
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
                        + "#field: cannot be of type java.lang.String; declare it as io.github.shmkit.Segment");
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
                .hasMessageEndingWith("cannot be of type long; declare it as io.github.shmkit.Segment");
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
