package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.maven.internal.Bars.Bar;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarsTests {
    @Test
    void theLongestComesFirstAndEqualOnesByName() {
        Bar small = new Bar("a", 1, "1 B");
        Bar large = new Bar("z", 100, "100 B");
        Bar equal = new Bar("b", 1, "1 B");

        Bars bars = new Bars(List.of(equal, small, large));

        assertThat(bars.bars()).containsExactly(large, small, equal);
        assertThat(bars.share(large)).isEqualTo(1);
        assertThat(bars.share(small)).isEqualTo(0.01);
    }

    @Test
    void whereAllAreEmptyNoneHasALength() {
        Bar empty = new Bar("a", 0, "1 semaphore");

        assertThat(new Bars(List.of(empty)).share(empty)).isZero();
    }

    @Test
    void tenAreShown() {
        List<Bar> many = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            many.add(new Bar("b" + i, i, ""));
        }

        assertThat(new Bars(many).largest()).hasSize(10).doesNotContain(many.get(0));
        assertThat(new Bars(many.subList(0, 3)).largest()).hasSize(3);
    }

    @Test
    void leaksAreShownByObject() {
        assertThat(Bars.byObject(SampleReport.report()).bars())
                .hasSize(6)
                .startsWith(new Bar("/dev/shm/ring.4711", 16 << 20, "16.0 MiB"));
    }

    @Test
    void whatOneProgramLeftInOneStepIsSummedUp() {
        assertThat(Bars.byCreator(SampleReport.report()).bars())
                .containsExactly(
                        new Bar(
                                "ringd, during failsafe:integration-test (default) of broker",
                                (16 << 20) + 80 + 32,
                                "16.0 MiB, 3 objects"),
                        new Bar("python3, during surefire:test (default-test) of store", 4 << 20, "4.0 MiB, 2 objects"),
                        new Bar(
                                "store-bench, during surefire:test (default-test) of store",
                                512 << 10,
                                "512.0 KiB, 1 object"));
    }
}
