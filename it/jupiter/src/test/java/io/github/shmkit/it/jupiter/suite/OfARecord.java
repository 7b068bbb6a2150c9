package io.github.shmkit.it.jupiter.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.junit.Shm;
import org.junit.jupiter.api.Test;

/**
 * A record as test class.
 *
 * @param segment injected
 */
public record OfARecord(@Shm(size = 8) Segment segment) {
    @Test
    void component() {
        assertThat(segment.size()).isEqualTo(8);
    }
}
