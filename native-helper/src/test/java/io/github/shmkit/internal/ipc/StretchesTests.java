package io.github.shmkit.internal.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StretchesTests {
    private static final long PAGE = 4096;
    private static final long LARGE = 1L << 28;

    private final List<Range> unmapped = new ArrayList<>();
    private final Stretches stretches = new Stretches((base, length) -> unmapped.add(new Range(base, length)));

    private record Range(long base, long length) {}

    @Test
    void neighboursGoBackAsOneInWhicheverOrderTheyCame() {
        for (long page : new long[] {5, 9, 4, 3, 8}) {
            stretches.add(page * PAGE, PAGE);
        }

        assertThat(unmapped).isEmpty();
        stretches.giveBack();

        assertThat(unmapped).containsExactly(new Range(3 * PAGE, 3 * PAGE), new Range(8 * PAGE, 2 * PAGE));
    }

    @Test
    void nothingGoesBackTwice() {
        stretches.add(PAGE, PAGE);
        stretches.giveBack();
        stretches.giveBack();

        assertThat(unmapped).containsExactly(new Range(PAGE, PAGE));
    }

    @Test
    void manyGoBackByThemselves() {
        for (int i = 1; i <= 1000; i++) {
            stretches.add(i * PAGE, PAGE);
        }

        long inThem = unmapped.stream().mapToLong(Range::length).sum() / PAGE;
        assertThat(unmapped).hasSizeLessThan(10);
        assertThat(inThem).isBetween(1000L - 127, 1000L);
    }

    @Test
    void aLargeOneGoesBackAtOnce() {
        stretches.add(LARGE, LARGE);

        assertThat(unmapped).containsExactly(new Range(LARGE, LARGE));
    }
}
