package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.opentest4j.AssertionFailedError;

/** Failed assertions about contents show what differs, and where the test asserts it. */
@ExtendWith(ShmExtension.class)
class SegmentAssertTests {
    @Test
    void whatHoldsPasses(@Shm(size = 4096) Segment segment, @Shm(size = 4096) Segment other) {
        segment.putInt(4, 7);
        segment.putLong(8, -42);
        other.putInt(4, 7);
        other.putLong(8, -42);

        SegmentAssert.assertThat(segment)
                .hasInt(4, 7)
                .hasLong(8, -42)
                .hasBytes(0, new byte[4])
                .isZero(16, 4080)
                .hasSameContentAs(other);
    }

    @Test
    void aNumberIsShownWithItsBytes(@Shm(size = 64, label = "ring") Segment segment) {
        segment.putLong(8, 0x2b);

        assertThatThrownBy(() -> SegmentAssert.assertThat(segment).hasLong(8, 42))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessage("the long at offset 8 of 'ring' is 43 (0x2b), not 42 (0x2a):\n"
                        + "00000008  2b 00 00 00 00 00 00 00                           |+.......|");
        assertThatThrownBy(() -> SegmentAssert.assertThat(segment).hasInt(0, -1))
                .hasMessageStartingWith("the int at offset 0 of 'ring' is 0 (0x0), not -1 (0xffffffff):");
    }

    @Test
    void onlyRowsThatDifferAreShown(@Shm(size = 4096, label = "ring") Segment segment) {
        segment.putByte(40, (byte) 'x');

        assertThatThrownBy(() -> SegmentAssert.assertThat(segment).isZero(0, 4096))
                .isInstanceOfSatisfying(
                        AssertionFailedError.class,
                        e -> assertThat(e.getActual().getEphemeralValue()).isInstanceOf(byte[].class))
                .hasMessage("""
                        segment 'ring' differs from what is expected:
                        - 00000020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
                        + 00000020  00 00 00 00 00 00 00 00  78 00 00 00 00 00 00 00  |........x.......|""");
    }

    @Test
    void manyRowsAreCounted(@Shm(size = 4096) Segment segment) {
        segment.fill(0, 4096, (byte) 1);

        assertThatThrownBy(() -> SegmentAssert.assertThat(segment).isZero(0, 4096))
                .hasMessageEndingWith("\n  and 240 rows more");
    }

    @Test
    void sizesAreComparedFirst(@Shm(size = 8, label = "a") Segment a, @Shm(size = 9, label = "b") Segment b) {
        assertThatThrownBy(() -> SegmentAssert.assertThat(a).hasSameContentAs(b))
                .hasMessage("segment 'a' has 8 bytes, segment 'b' has 9");
    }

    @Test
    void aFailureBeginsAtTheLineOfTheTest(@Shm(size = 8) Segment segment) {
        assertThatThrownBy(() -> SegmentAssert.assertThat(segment).hasInt(0, 1))
                .satisfies(e -> assertThat(e.getStackTrace()[0].getClassName())
                        .startsWith(getClass().getName()));
    }

    /** Whatever of ours is between: here the kit, that is asked, and what it asks. */
    @Test
    void aRefusalBeginsAtTheLineThatAsks(ShmTestkit kit) {
        assertThatThrownBy(
                        () -> kit.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(Long.MAX_VALUE / 2)))
                .isInstanceOf(ShmException.class)
                .satisfies(e -> assertThat(e.getStackTrace()[0].getClassName())
                        .isEqualTo(getClass().getName()));
    }
}
