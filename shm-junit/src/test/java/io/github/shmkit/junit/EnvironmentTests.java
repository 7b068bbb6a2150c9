package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What surrounds a run: the platform, the native program, and this JVM. System properties are for all threads. */
@Isolated
class EnvironmentTests {
    private static final String UNSUPPORTED = "shmkit supports Linux on x86-64 and aarch64; this is Plan 9 on ";

    static class FieldCase {
        @Shm(size = 5)
        Segment field;

        @Test
        void test() {}
    }

    static class ParameterCase {
        @Test
        void test(@Shm(size = 5) Segment segment) {}
    }

    static class EachKindCase {
        static final Queue<Segment> SEGMENTS = new ConcurrentLinkedQueue<>();

        @EachSegmentKind
        void skipped(@Shm Segment segment) {
            SEGMENTS.add(segment);
        }
    }

    static class EachKindThatMustBeCase {
        @EachSegmentKind(unsupported = EachSegmentKind.Unsupported.FAIL)
        void fails(@Shm(label = "x") Segment segment) {}
    }

    private static NestedRun withProperty(String name, String value, Class<?> testClass) {
        String before = System.setProperty(name, value);
        try {
            return NestedRun.of(testClass);
        } finally {
            if (before == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, before);
            }
        }
    }

    @Test
    void onAPlatformWithoutSupportAFieldIsAnErrorThatNamesIt() {
        assertThat(withProperty("os.name", "Plan 9", FieldCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageStartingWith(
                        "@Shm(size = 5) on field " + FieldCase.class.getName() + "#field: " + UNSUPPORTED);
    }

    @Test
    void onAPlatformWithoutSupportAParameterIsAnErrorThatNamesIt() {
        assertThat(withProperty("os.name", "Plan 9", ParameterCase.class).failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageStartingWith("@Shm(size = 5) on parameter ")
                .hasMessageContaining("of method #test of " + ParameterCase.class.getName() + ": " + UNSUPPORTED);
    }

    @Test
    void onAPlatformWithoutSupportEachKindIsSkippedWithTheReason() {
        NestedRun run = withProperty("os.name", "Plan 9", EachKindCase.class);

        run.results().testEvents().assertStatistics(stats -> stats.succeeded(0).failed(0));
        assertThat(run.skipped())
                .hasSize(4)
                .allSatisfy(reason -> assertThat(reason).startsWith(UNSUPPORTED));
        assertThat(EachKindCase.SEGMENTS).isEmpty();
    }

    @Test
    void onAPlatformWithoutSupportEachKindFailsIfItMustBeThere() {
        NestedRun run = withProperty("os.name", "Plan 9", EachKindThatMustBeCase.class);

        assertThat(run.failures())
                .hasSize(4)
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageStartingWith("@Shm(label = \"x\") on parameter ")
                        .hasMessageContaining(UNSUPPORTED));
    }

    @Test
    void aNativeProgramThatIsMissingIsAnErrorThatNamesTheDeclarationAndTheRemedy(@TempDir Path empty) {
        Path missing = empty.resolve("shm-helper");

        assertThat(withProperty("shmkit.helper.path", missing.toString(), FieldCase.class)
                        .failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageStartingWith("@Shm(size = 5) on field " + FieldCase.class.getName() + "#field: ")
                .hasMessageContaining("there is no native helper at " + missing)
                .hasMessageContaining("shmkit.helper.path");
    }

    @Test
    void aNativeProgramThatIsMissingIsNotPassedOverAsAnUnsupportedKind(@TempDir Path empty) {
        Path missing = empty.resolve("shm-helper");

        assertThat(withProperty("shmkit.helper.path", missing.toString(), EachKindCase.class)
                        .failures())
                .hasSize(4)
                .allSatisfy(failure -> assertThat(failure).hasMessageContaining("there is no native helper at "));
    }

    @Test
    void aNativeProgramThatIsNotExecutableIsAnErrorThatNamesTheDeclarationAndTheRemedy(@TempDir Path dir)
            throws IOException {
        Path program = Files.createFile(dir.resolve("shm-helper"));

        assertThat(withProperty("shmkit.helper.path", program.toString(), ParameterCase.class)
                        .failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageStartingWith("@Shm(size = 5) on parameter ")
                .hasMessageContaining(program + ", named by the system property shmkit.helper.path, is not executable")
                .hasMessageContaining("chmod +x");
    }

    @ExtendWith(ShmExtension.class)
    static class NothingUsedCase {
        static final Queue<Set<Long>> CHILDREN = new ConcurrentLinkedQueue<>();

        @Test
        void test(ShmTestkit kit) {
            kit.await().until(() -> true);
            CHILDREN.add(children());
        }
    }

    @ExtendWith(ShmExtension.class)
    static class OneSegmentCase {
        static final Queue<Set<Long>> CHILDREN = new ConcurrentLinkedQueue<>();

        @Test
        void test(ShmTestkit kit) {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            CHILDREN.add(children());
        }
    }

    private static Set<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    @Test
    void aRunThatUsesNothingStartsNothing() {
        Set<Long> before = children();

        NestedRun.of(NothingUsedCase.class).allPassed(1);
        NestedRun.of(OneSegmentCase.class).allPassed(1);

        assertThat(NothingUsedCase.CHILDREN).containsExactly(before);
        assertThat(OneSegmentCase.CHILDREN)
                .as("control: the supervisor is to be seen there")
                .singleElement()
                .satisfies(children -> assertThat(children).hasSize(before.size() + 1));
        Awaitility.await("it ends with the run").until(() -> children().equals(before));
    }

    @Test
    void aFailureToBeginIsNotTheSameObjectForEveryTest(@TempDir Path empty) {
        List<Throwable> failures = withProperty(
                        "shmkit.helper.path", empty.resolve("none").toString(), EachKindCase.class)
                .failures();

        assertThat(failures)
                .extracting(Throwable::getCause)
                .doesNotHaveDuplicates()
                .allSatisfy(cause -> assertThat(cause).isInstanceOf(ShmException.class));
    }
}
