package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An interrupt closes every file channel that the thread uses; ours are none. */
class InterruptTests {
    @ExtendWith(ShmExtension.class)
    static class InterruptedCase {
        @EachSegmentKind
        void test(SegmentKind kind, @Shm Segment segment, ShmTestkit kit) {
            NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
            Thread.currentThread().interrupt();

            segment.putInt(0, 7);
            Segment another = kit.create(SegmentSpec.of(kind).label("another"));
            another.putLong(0, 1);
            assertThat(another.getLong(0)).isEqualTo(1);
            another.close();
            // Whoever waits for a peer is to be told, and finds the connection whole afterwards.
            assertThatExceptionOfType(ShmException.class)
                    .isThrownBy(() -> peer.run(Script.of(b -> b.sleep(Duration.ofMillis(100))))
                            .await())
                    .withMessageStartingWith("interrupted while helper 'peer'");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(peer.getInt(0)).isEqualTo(7);
            Thread.currentThread().interrupt();
            // The end of the test has it still, and must close and look for leaks all the same.
        }
    }

    @Test
    void segmentsAndHelpersWorkInAThreadThatIsInterrupted() {
        NestedRun.of(InterruptedCase.class).allPassed(4);
    }

    @Test
    void aFileChannelWouldNot(@TempDir Path folder) throws IOException {
        try (FileChannel channel =
                FileChannel.open(folder.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Thread.currentThread().interrupt();

            assertThatExceptionOfType(ClosedByInterruptException.class)
                    .isThrownBy(() -> channel.write(ByteBuffer.allocate(8)));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    static class FailingCase {
        @Test
        void test(@Shm(label = "ring") Segment segment) {
            segment.putByte(0, (byte) 7);
            Thread.currentThread().interrupt();
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void theReportOfATestThatEndsInterruptedIsWhole(@TempDir Path folder) throws IOException {
        Throwable failure = new NestedRun(NestedRun.engine(FailingCase.class)
                        .configurationParameter("shmkit.artifacts.dir", folder.toString())
                        .execute())
                .failure();

        Path artifacts = folder.resolve(FailingCase.class.getName()).resolve("test");
        assertThat(NestedRun.diagnostics(failure)).endsWith("all of it: " + artifacts);
        assertThat(Files.readAllBytes(artifacts.resolve("segment-ring.bin")))
                .hasSize(4096)
                .startsWith(7);
    }
}
