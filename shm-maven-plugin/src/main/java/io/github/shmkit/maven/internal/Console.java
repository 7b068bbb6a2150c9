package io.github.shmkit.maven.internal;

/** Where messages go; each is one line. */
public interface Console {
    void info(String line);

    void warn(String line);

    void debug(String line);
}
