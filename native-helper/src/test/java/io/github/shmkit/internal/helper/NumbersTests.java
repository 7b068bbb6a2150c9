package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.SegmentKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTests {
    private final Numbers<SegmentKind> numbers = new Numbers<>(SegmentKind.class);

    @ParameterizedTest
    @EnumSource
    void aConstantComesBackByItsNumber(SegmentKind kind) {
        assertThat(numbers.constant(numbers.of(kind))).isEqualTo(kind);
    }

    @Test
    void numbersFollowTheOrderFromZero() {
        assertThat(numbers.of(SegmentKind.MMAP_FILE)).isZero();
        assertThat(numbers.of(SegmentKind.SYSV_SHM)).isEqualTo((byte) 3);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void whatIsNoNumberIsRefusedWithThoseThatThereAre(int number) {
        assertThatThrownBy(() -> numbers.constant(number))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no number " + number + " among [MMAP_FILE, MEMFD, POSIX_SHM, SYSV_SHM]");
    }
}
