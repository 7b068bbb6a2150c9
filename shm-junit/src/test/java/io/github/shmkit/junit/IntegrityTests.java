package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects of a test that somebody changes without the kit. */
class IntegrityTests {
    private static Path path(Segment segment) {
        return Path.of(((SegmentAddress.ByPath) segment.address()).path());
    }

    static class UnlinkedCase {
        @EachSegmentKind({SegmentKind.POSIX_SHM, SegmentKind.MMAP_FILE})
        void test(@Shm(label = "ring") Segment segment) throws IOException {
            Files.delete(path(segment));
        }
    }

    static class TruncatedCase {
        @EachSegmentKind({SegmentKind.POSIX_SHM, SegmentKind.MMAP_FILE})
        void test(@Shm(label = "ring") Segment segment) throws IOException {
            try (RandomAccessFile file = new RandomAccessFile(path(segment).toFile(), "rw")) {
                file.setLength(100);
            }
        }
    }

    static class ReplacedCase {
        @EachSegmentKind({SegmentKind.POSIX_SHM, SegmentKind.MMAP_FILE})
        void test(@Shm(label = "ring") Segment segment) throws IOException {
            Path copy = path(segment).resolveSibling(path(segment).getFileName() + "x");
            Files.write(copy, new byte[4096]);
            Files.move(copy, path(segment), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {UnlinkedCase.class, TruncatedCase.class, ReplacedCase.class})
    void objectThatWasChangedFailsTheTest(Class<?> testClass) throws IOException {
        String change = testClass == UnlinkedCase.class
                ? "was unlinked"
                : testClass == TruncatedCase.class
                        ? "was truncated from 4096 to 100 bytes"
                        : "was replaced by another object of this name";

        assertThat(NestedRun.of(testClass).failures()).hasSize(2).allSatisfy(failure -> {
            assertThat(failure)
                    .isInstanceOf(ShmLeakError.class)
                    .hasMessageMatching("objects of test \\S+#test changed:\\n  segment 'ring' \\(/\\S+\\) " + change
                            + ": by this test without kit\\.faults\\(\\), or by another process, .*");
            assertThat(((ShmLeakError) failure).leaks()).extracting(Leak::kind).containsExactly(LeakKind.CHANGED);
        });
        if (testClass == ReplacedCase.class) {
            removeReplacements();
        }
    }

    /** The new object of the name is not ours to remove, and stays. */
    private static void removeReplacements() throws IOException {
        for (String folder : new String[] {"/dev/shm", System.getProperty("java.io.tmpdir") + "/shmkit-" + uid()}) {
            if (Files.isDirectory(Path.of(folder))) {
                try (var left = Files.newDirectoryStream(Path.of(folder), "shmkit.*")) {
                    for (Path each : left) {
                        if (Files.getAttribute(each, "unix:mode").equals(0100644)) {
                            Files.delete(each);
                        }
                    }
                }
            }
        }
    }

    private static Object uid() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    static class SysvCase {
        @Test
        void test(@Shm(label = "ring", kind = SegmentKind.SYSV_SHM) Segment segment, ShmTestkit kit) {
            NativeHelper helper = kit.nativeHelper("remover").start();
            helper.sys()
                    .shmctl(((SegmentAddress.BySysv) segment.address()).shmid(), Linux.IPC_RMID)
                    .orThrow();
        }
    }

    @Test
    void removedSysvSegmentFailsTheTest() {
        assertThat(NestedRun.of(SysvCase.class).failure())
                .isInstanceOf(ShmLeakError.class)
                .hasMessageContaining("segment 'ring' (shmid ")
                .hasMessageContaining("was removed (shmctl IPC_RMID)");
    }

    static class KitCase {
        @EachSegmentKind({SegmentKind.POSIX_SHM, SegmentKind.MMAP_FILE})
        void truncates(@Shm Segment segment, ShmTestkit kit) {
            kit.faults().truncate(segment, 100);
        }

        @EachSegmentKind({SegmentKind.POSIX_SHM, SegmentKind.MMAP_FILE, SegmentKind.SYSV_SHM})
        void unlinks(@Shm Segment segment, ShmTestkit kit) {
            kit.faults().unlink(segment);
        }

        @EachSegmentKind
        void closes(@Shm Segment segment) {
            segment.close();
        }

        @Test
        @ExpectLeak(LeakKind.CHANGED)
        void declares(@Shm Segment segment) throws IOException {
            Files.delete(path(segment));
        }
    }

    @Test
    void changeByTheKitOrThatIsDeclaredFailsNothing() {
        NestedRun.of(KitCase.class).allPassed(10);
    }

    static class OffCase {
        @RegisterExtension
        static final ShmSettings SETTINGS =
                ShmSettings.builder().leakPolicy(LeakPolicy.OFF).build();

        @Test
        void test(@Shm Segment segment) throws IOException {
            Files.delete(path(segment));
        }
    }

    @Test
    void withPolicyOffAChangeFailsNothing() {
        NestedRun.of(OffCase.class).allPassed(1);
    }
}
