package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.jna.Pointer;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A JVM that reads memory which is no longer backed: by a buffer it gets an error and lives on, by a pointer it dies.
 *
 * <p>Both in a helper: Java 17 may throw the error in the midst of something else of this JVM.
 */
@ExtendWith(ShmExtension.class)
class TruncationTests {
    private static final int BEHIND = 4096;

    @Test
    void aBufferGivesAnErrorAndTheJvmGoesOn(
            @Shm(kind = SegmentKind.MMAP_FILE, size = 8192) Segment segment, ShmTestkit kit) {
        JvmHelper peer = kit.jvm("peer").attach(segment).start();

        kit.faults().truncate(segment, BEHIND);

        String error = peer.call(context -> errorOf(context.segment().buffer()));
        int before = peer.call(context -> context.segment().getInt(0));

        assertThat(error).startsWith("a fault occurred in a").contains("unsafe memory access");
        assertThat(before).isZero();
        assertThat(peer.isAlive()).isTrue();
    }

    /** What the error says, which is to come within some seconds. */
    private static String errorOf(ByteBuffer buffer) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        try {
            long sum = 0;
            while (System.nanoTime() - end < 0) {
                sum += buffer.getLong(BEHIND);
                LockSupport.parkNanos(1); // Java 17 looks for pending errors when it comes back from native code
            }
            return "no error, and a sum of " + sum;
        } catch (InternalError e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aPointerEndsTheJvm(@Shm(kind = SegmentKind.MMAP_FILE, size = 8192) Segment segment, ShmTestkit kit)
            throws IOException {
        JvmHelper peer = kit.jvm("peer").attach(segment).start();
        peer.expectExit(ExitPredicate.crashed());

        kit.faults().truncate(segment, BEHIND);

        assertThatExceptionOfType(HelperDiedException.class)
                .isThrownBy(
                        () -> peer.call(context -> new Pointer(context.segment().nativeAddress()).getLong(BEHIND)))
                .withMessageContaining("helper 'peer' (pid " + peer.pid() + ")");
        try (Stream<Path> files = Files.list(kit.artifacts())) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("hs_err_")))
                    .singleElement()
                    .satisfies(file -> assertThat(file).content().contains("SIGBUS"));
        }
    }
}
