package io.github.shmkit.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class StatsTests {
    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(Stats.of(new double[] {4, 1, 3, 2})).isEqualTo(new Stats(2.5, 1.75, 3.25, 1, 4));
    }

    @Test
    void oneSampleIsItsOwnQuartiles() {
        assertThat(Stats.of(new double[] {7})).isEqualTo(new Stats(7, 7, 7, 7, 7));
    }

    @Test
    void samplesAreLeftInTheirOrder() {
        double[] samples = {3, 1, 2};
        assertThat(Stats.of(samples).median()).isEqualTo(2);
        assertThat(samples).containsExactly(3, 1, 2);
    }

    @Test
    void nothingHasNoMedian() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Stats.of(new double[0]))
                .withMessage("nothing was measured");
    }

    @Test
    void aDisturbanceThatHitsBothSidesOfAPairDropsOut() {
        Stats ratios = Stats.ofRatios(new double[] {2, 20, 2}, new double[] {1, 10, 1});
        assertThat(ratios).isEqualTo(new Stats(2, 2, 2, 2, 2));
    }

    @Test
    void onlyPairsHaveRatios() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Stats.ofRatios(new double[2], new double[3]))
                .withMessage("2 samples cannot be paired with 3");
    }

    @Test
    void theSpreadIsHalfTheDistanceOfTheQuartilesToTheMedian() {
        assertThat(new Stats(10, 9, 13, 8, 20).spread()).isEqualTo(0.2);
    }
}
