package io.github.shmkit.junit.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTests {
    @Test
    void neighboursAreOneTurn() {
        assertThat(Schedule.of(List.of("a", "a", "b", "a"))).hasToString("a*2 b*1 a*1");
    }

    @Test
    void namesHaveNoWhiteSpace() {
        assertThat(Schedule.of(List.of("my writer"))).hasToString("my_writer*1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a*2 b*1 a*1", "a×2 b×1 a×1", "  a*2\tb*1 a*1 "})
    void whatIsWrittenIsReadAgain(String text) {
        assertThat(Schedule.parse(text).names()).containsExactly("a", "a", "b", "a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a*0", "*3", "a*-1", "a*b", "a*9999999999"})
    void whatCannotBeMeantIsAnError(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.parse(text))
                .withMessageContaining("must be names with numbers of accesses, such as a*6 b*2");
    }
}
