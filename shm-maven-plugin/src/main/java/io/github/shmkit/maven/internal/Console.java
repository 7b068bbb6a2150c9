package io.github.shmkit.maven.internal;

import java.util.Optional;

/** Where messages go; each is one line. */
public interface Console {
    void info(String line);

    void warn(String line);

    void debug(String line);

    /** Where a line may be written anew, and colours are seen; empty for a log. */
    default Optional<Terminal> terminal() {
        return Optional.empty();
    }
}
