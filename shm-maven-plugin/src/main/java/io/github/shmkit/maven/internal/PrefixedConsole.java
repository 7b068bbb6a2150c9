package io.github.shmkit.maven.internal;

/**
 * Says of each line that it is ours, among those of a whole build.
 *
 * @param console where they go
 */
record PrefixedConsole(Console console) implements Console {
    private static final String PREFIX = "shmkit: ";

    @Override
    public void info(String line) {
        console.info(PREFIX + line);
    }

    @Override
    public void warn(String line) {
        console.warn(PREFIX + line);
    }

    @Override
    public void debug(String line) {
        console.debug(PREFIX + line);
    }
}
