package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EnduringConsoleTests {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** As Maven 4's after {@code System.exit}. */
    private static final class Closed implements Console {
        @Override
        public void info(String line) {
            throw new IllegalStateException("Terminal has been closed");
        }

        @Override
        public void warn(String line) {
            throw new IllegalStateException("Terminal has been closed");
        }

        @Override
        public void debug(String line) {
            throw new IllegalStateException("Terminal has been closed");
        }
    }

    @Test
    void whatAnOpenLogTakesGoesThere() {
        Log log = new Log();
        Console console = new EnduringConsole(log, err);
        console.info("removed");
        console.warn("kept");
        assertThat(log.lines()).containsExactly("INFO removed", "WARN kept");
        assertThat(err.size()).isZero();
    }

    @Test
    void whatAClosedLogRefusesGoesToStandardErrorButDetails() {
        Console console = new EnduringConsole(new Closed(), err);
        console.info("removed \u00e4");
        console.warn("kept");
        console.debug("seen");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("[INFO] removed \u00e4\n[WARNING] kept\n");
    }

    @Test
    void whereStandardErrorIsClosedTooNothingFails() {
        Console console = new EnduringConsole(new Closed(), new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("closed");
            }
        });
        console.info("removed");
        console.warn("kept");
        assertThat(err.size()).isZero();
    }
}
