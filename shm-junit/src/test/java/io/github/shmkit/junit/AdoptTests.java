package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What the code under test made is looked at, and stays.
 *
 * <p>Alone: to a test of another nested run, which does not know of this one, what is made here would be its own.
 */
@Isolated
@ExtendWith(ShmExtension.class)
@Execution(ExecutionMode.SAME_THREAD)
class AdoptTests {
    private static final Path MADE = Path.of("/dev/shm/adopt-test-"
            + Long.toHexString(ThreadLocalRandom.current().nextLong()));

    private static SegmentAddress.ByPath made(long size) {
        return new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, MADE.toString(), size);
    }

    @AfterEach
    void theMakerRemovesIt() throws IOException {
        Files.deleteIfExists(MADE);
    }

    @ExtendWith(ShmExtension.class)
    static class AdoptingCase {
        static Segment adopted;

        @Test
        void test(ShmTestkit kit) throws IOException {
            Files.write(MADE, new byte[100]);
            adopted = kit.adopt(made(100));
            NativeHelper peer = kit.nativeHelper("peer").attach(adopted).start();
            peer.putInt(96, 7);
            assertThat(adopted.getInt(96)).isEqualTo(7);
            adopted.putInt(0, 5);
        }
    }

    @Test
    void itIsSharedWithHelpersAndOutlivesTheTest() throws IOException {
        NestedRun.of(AdoptingCase.class).allPassed(1);

        assertThatIllegalStateException().isThrownBy(() -> AdoptingCase.adopted.getInt(0));
        assertThat(Files.readAllBytes(MADE)).hasSize(100).startsWith(5, 0, 0, 0);
    }

    @ExtendWith(ShmExtension.class)
    static class UnlinkingCase {
        @Test
        void test(ShmTestkit kit) throws IOException {
            Files.write(MADE, new byte[100]);
            kit.faults().unlink(kit.adopt(made(100)));
        }
    }

    @Test
    void itIsRemovedIfThatIsAskedFor() {
        NestedRun.of(UnlinkingCase.class).allPassed(1);

        assertThat(MADE).doesNotExist();
    }

    @ExtendWith(ShmExtension.class)
    static class FailingCase {
        @Test
        void test(ShmTestkit kit) throws IOException {
            byte[] bytes = new byte[64];
            bytes[0] = 1;
            Files.write(MADE, bytes);
            kit.adopt(made(64)).putByte(33, (byte) 'A');
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void theReportTellsWhatChangedSinceTheAdoption() {
        assertThat(NestedRun.diagnostics(NestedRun.of(FailingCase.class).failure()))
                .contains("segment 'posix:" + MADE.toString().replace("/dev/shm", "") + "?size=64'")
                .contains("adopted, made at " + FailingCase.class.getName())
                .contains("00000020  00 41 00")
                .doesNotContain("00000000  01");
    }

    @Test
    void aSysvSegmentOfAHelperIsItsAsWell(ShmTestkit kit) {
        NativeHelper maker = kit.nativeHelper("maker").start();
        int id = (int) maker.sys().shmget(Linux.IPC_PRIVATE, 100, 0600).orThrow();
        try {
            Segment segment = kit.adopt(new SegmentAddress.BySysv(id, 0, 100));
            segment.putInt(0, 3);
            segment.close();
            assertThat(kit.adopt(new SegmentAddress.BySysv(id, 0, 100)).getInt(0))
                    .isEqualTo(3);
            // The rest of a larger one would be mapped over what lies behind.
            assertThatExceptionOfType(ShmException.class)
                    .isThrownBy(() -> kit.adopt(new SegmentAddress.BySysv(id, 0, 8)))
                    .withMessage("cannot adopt sysv:" + id + "?size=8&key=0x0: segment " + id
                            + " has 100 bytes and the key 0x0");
        } finally {
            maker.sys().shmctl(id, Linux.IPC_RMID).orThrow();
        }
    }

    @Test
    void whatIsNotSoIsAnError(ShmTestkit kit) throws IOException {
        assertThatExceptionOfType(ShmException.class)
                .isThrownBy(() -> kit.adopt(made(100)))
                .withMessageStartingWith(
                        "cannot adopt posix:" + MADE.toString().replace("/dev/shm", "") + "?size=100: ")
                .withMessageContaining("ENOENT");
        Files.write(MADE, new byte[99]);
        assertThatExceptionOfType(ShmException.class)
                .isThrownBy(() -> kit.adopt(made(100)))
                .withMessageEndingWith("?size=100: it has 99 bytes");
    }
}
