package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ProgressTests {
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch told = new CountDownLatch(2);

    @Test
    void shortWorkIsSilent() {
        assertThat(Progress.of(console(), () -> 42)).isEqualTo(42);
        assertThat(log).isEmpty();
    }

    @Test
    @Timeout(10)
    void longWorkIsNot() {
        Progress.of(console(), this::awaitTold, Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(log)
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(line -> line.matches(
                        "still looking at this machine's IPC objects, for \\d+ s now \\(the kernel has \\d+\\)"));
    }

    private boolean awaitTold() {
        try {
            told.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Console console() {
        return new Console() {
            @Override
            public void info(String line) {
                log.add(line);
                told.countDown();
            }

            @Override
            public void warn(String line) {}

            @Override
            public void debug(String line) {}
        };
    }
}
