package io.github.shmkit.junit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTests {
    @Test
    void doublesFromAFifthOfAMillisecondToTen() {
        List<Long> micros = IntStream.rangeClosed(1, 8)
                .mapToObj(poll -> new Backoff().next(poll, Duration.ZERO))
                .map(interval -> interval.toNanos() / 1000)
                .toList();

        assertThat(micros).containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L, 10_000L);
    }

    @Test
    void staysThereForever() {
        assertThat(new Backoff().next(Integer.MAX_VALUE, Duration.ZERO)).isEqualTo(Duration.ofMillis(10));
    }
}
