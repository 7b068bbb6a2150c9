package io.github.shmkit.maven.internal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A console that can be spoken to until the JVM is gone.
 *
 * <p>Maven 4 closes its terminal when a build calls {@code System.exit}, before our hook runs, and its log then throws. What
 * is to be said from there on goes to standard error, in the form that Maven's log has.
 */
final class EnduringConsole implements Console {
    private final Console log;
    private final OutputStream err;

    EnduringConsole(Console log) {
        this(log, new FileOutputStream(FileDescriptor.err));
    }

    EnduringConsole(Console log, OutputStream err) {
        this.log = log;
        this.err = err;
    }

    @Override
    public void info(String line) {
        say(log::info, "[INFO] ", line);
    }

    @Override
    public void warn(String line) {
        say(log::warn, "[WARNING] ", line);
    }

    @Override
    public void debug(String line) {
        try {
            log.debug(line);
        } catch (RuntimeException closed) {
            // nobody can tell any more whether it is wanted
        }
    }

    private void say(Consumer<String> way, String level, String line) {
        try {
            way.accept(line);
        } catch (RuntimeException closed) {
            try {
                err.write((level + line + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // there is nobody left to tell
            }
        }
    }

    @Override
    public Optional<Terminal> terminal() {
        return log.terminal();
    }
}
