package io.github.shmkit.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LastWordsTests {
    private static final String FAILING =
            "echo early; echo one; echo two; echo 'Exception: because' >&2; printf '\\tat frame\\n' >&2; echo three; exit 1";

    @Test
    void theEndOfTheOutputIsKeptWithoutFramesAndAllOfItIsPassedOn() throws Exception {
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        Process process = new ProcessBuilder("sh", "-c", FAILING)
                .redirectErrorStream(true)
                .start();

        LastWords words = LastWords.of(process, new PrintStream(passed, true, StandardCharsets.UTF_8));

        assertThat(words.text()).isEqualTo(": one / two / Exception: because / three");
        assertThat(passed.toString(StandardCharsets.UTF_8))
                .startsWith("early\n")
                .contains("\tat frame\n");
        assertThat(process.waitFor()).isOne();
    }

    @Test
    void whoSaidNothingHasNoLastWords() throws Exception {
        Process process = new ProcessBuilder("true").start();

        assertThat(LastWords.of(process, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
                        .text())
                .isEmpty();
    }
}
