package io.github.shmkit.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class BenchmarkTests {
    @Test
    void thoseThatAreAskedForRunInTheTablesOrder() {
        assertThat(Benchmark.of(Set.of("B10", "B2"))).extracting(Benchmark::id).containsExactly("B2", "B10");
        assertThat(Benchmark.of(Set.of())).hasSize(12);
    }

    @Test
    void whoAsksForOneThatIsNotIsTold() {
        assertThatThrownBy(() -> Benchmark.of(Set.of("B1,B6")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no benchmark 'B1,B6': there are B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12, "
                        + "separate them by spaces");
    }
}
