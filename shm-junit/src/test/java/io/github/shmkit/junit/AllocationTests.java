package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A segment is as long as was asked for, and all of it is there: a full file system is not found out by SIGBUS.
 *
 * <p>Alone: to a test of another nested run, which does not know of this one, the file here would be its own.
 */
@Isolated
@ExtendWith(ShmExtension.class)
class AllocationTests {
    private static final int SIZE = 100_001;

    @EachSegmentKind({SegmentKind.MMAP_FILE, SegmentKind.MEMFD, SegmentKind.POSIX_SHM})
    void theLengthIsExactAndThePagesAreThere(@Shm(size = SIZE) Segment segment, ShmTestkit kit) throws IOException {
        Path file = Path.of(((SegmentAddress.ByPath) segment.address()).path());

        assertThat(Files.size(file)).isEqualTo(SIZE);
        assertThat(allocated(file, kit)).isGreaterThanOrEqualTo(SIZE);
    }

    /** Control: what is only made as long as that is a hole. */
    @Test
    void aFileThatWasOnlyGivenALengthIsAHole(@TempDir(factory = InDevShm.class) Path folder, ShmTestkit kit)
            throws IOException {
        Path file = folder.resolve("hole");
        try (RandomAccessFile hole = new RandomAccessFile(file.toFile(), "rw")) {
            hole.setLength(SIZE);
        }

        assertThat(allocated(file, kit)).isZero();
    }

    private static long allocated(Path file, ShmTestkit kit) {
        CommandHelper stat = kit.command("stat", "stat", "-L", "-c", "%b %B", file.toString())
                .start();
        var unused = stat.awaitExit();
        String[] fields = stat.stdout().text().strip().split(" ", -1);
        return Long.parseLong(fields[0]) * Long.parseLong(fields[1]);
    }

    /** A folder in the file system of POSIX shared memory. */
    static final class InDevShm implements org.junit.jupiter.api.io.TempDirFactory {
        @Override
        public Path createTempDirectory(
                org.junit.jupiter.api.extension.AnnotatedElementContext element,
                org.junit.jupiter.api.extension.ExtensionContext context)
                throws IOException {
            return Files.createTempDirectory(Path.of("/dev/shm"), "allocation-test-");
        }
    }
}
