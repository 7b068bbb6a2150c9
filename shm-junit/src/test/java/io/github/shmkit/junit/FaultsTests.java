package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.Signal;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ShmExtension.class)
class FaultsTests {
    @EachSegmentKind({SegmentKind.MMAP_FILE, SegmentKind.MEMFD, SegmentKind.POSIX_SHM})
    void aTruncatedSegmentIsTheEndOfAPeerThatReadsOn(@Shm(size = 8192) Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
        peer.expectExit(ExitPredicate.killedBy(Signal.SIGBUS));

        kit.faults().truncate(segment, 4096);

        assertThat(segment.getInt(0)).isZero();
        assertThat(peer.getInt(0)).isZero();
        assertThatExceptionOfType(HelperDiedException.class).isThrownBy(() -> peer.getInt(4096));
    }

    @Test
    void aSysvSegmentCannotBeTruncated(
            @Shm(kind = SegmentKind.SYSV_SHM, label = "ring") Segment segment, ShmTestkit kit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kit.faults().truncate(segment, 0))
                .withMessage("segment 'ring' is a System V segment, which cannot be truncated; use another kind");
    }

    @Test
    void oneBitIsFlipped(@Shm Segment segment, ShmTestkit kit) {
        kit.faults().flipBit(segment, 17, 7);
        assertThat(segment.getByte(17)).isEqualTo((byte) 0x80);
        kit.faults().flipBit(segment, 17, 3);
        assertThat(segment.getByte(17)).isEqualTo((byte) 0x88);

        assertThatIllegalArgumentException().isThrownBy(() -> kit.faults().flipBit(segment, 0, 8));
    }

    @EachSegmentKind({SegmentKind.MMAP_FILE, SegmentKind.POSIX_SHM, SegmentKind.SYSV_SHM})
    void anUnlinkedSegmentGoesOnWithoutItsName(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();

        kit.faults().unlink(segment);

        peer.putInt(0, 7);
        assertThat(segment.getInt(0)).isEqualTo(7);
        if (segment.address() instanceof SegmentAddress.ByPath object) {
            assertThat(Files.exists(Path.of(object.path()))).isFalse();
        }
    }

    @Test
    void aMemfdHasNoNameToLose(@Shm(kind = SegmentKind.MEMFD) Segment segment, ShmTestkit kit) {
        assertThatIllegalArgumentException().isThrownBy(() -> kit.faults().unlink(segment));
    }

    @Test
    void aFrozenHelperGoesOnAfterTheTime(ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").start();

        kit.faults().freeze(peer, Duration.ofMillis(100));

        assertThat(peer.state()).isEqualTo(HelperState.STOPPED);
        kit.await().until(() -> peer.state() == HelperState.SLEEPING);
    }

    @Test
    void aFrozenHelperGoesOnWhenItIsLetGo(ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").start();

        Faults.Fault frozen = kit.faults().freeze(peer, Duration.ofDays(1));
        assertThat(peer.state()).isEqualTo(HelperState.STOPPED);
        frozen.close();

        peer.awaitState(HelperState.SLEEPING);
    }

    @ExtendWith(ShmExtension.class)
    static class FrozenAtTheEndCase {
        @Test
        void test(ShmTestkit kit) {
            kit.faults().freeze(kit.nativeHelper("peer").start(), Duration.ofDays(1));
        }
    }

    @Test
    void aFaultThatIsLeftEndsWithTheTest() {
        NestedRun.of(FrozenAtTheEndCase.class).allPassed(1);
    }

    @Test
    void aSlowedHelperIsSeenStoppedAgainAndAgainAndWorks(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
        peer.run(Script.of(b -> b.forever(r -> r.getAndAddLong(0, 1))));

        Faults.Fault slow = kit.faults().slow(peer, 5);
        for (int i = 0; i < 3; i++) {
            kit.await().until(() -> peer.state() == HelperState.STOPPED);
            long before = segment.getLongVolatile(0);
            kit.await().until(() -> segment.getLongVolatile(0) > before);
        }
        slow.close();

        assertThat(peer.state()).isNotEqualTo(HelperState.STOPPED);
        assertThatIllegalArgumentException().isThrownBy(() -> kit.faults().slow(peer, 1));
    }
}
