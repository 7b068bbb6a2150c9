package io.github.shmkit.maven.internal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** A terminal that somebody looks at. */
public final class Terminal {
    private static final String RETURN_AND_ERASE = "\r\033[K";

    private final OutputStream out;
    private final boolean coloured;
    private boolean shown;

    Terminal(OutputStream out, boolean coloured) {
        this.out = out;
        this.coloured = coloured;
    }

    /**
     * The one of this process, if it has one and Maven may use it.
     *
     * @param interactive not a batch run
     * @param environment of this process
     */
    public static Optional<Terminal> of(boolean interactive, Map<String, String> environment) {
        return interactive && hasTerminal() && !"dumb".equals(environment.get("TERM"))
                ? Optional.of(new Terminal(new FileOutputStream(FileDescriptor.out), isColoured(environment)))
                : Optional.empty();
    }

    /** See no-color.org: set to anything, it means no. */
    static boolean isColoured(Map<String, String> environment) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    @SuppressWarnings("SystemConsoleNull") // Java 17 to 21 have none without a terminal
    private static boolean hasTerminal() {
        Object console = System.console();
        if (console == null) {
            return false;
        }
        try { // from Java 22 on there is always a console, and it can be asked
            return (boolean) console.getClass().getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return true;
        } catch (java.lang.reflect.InvocationTargetException e) {
            return false;
        }
    }

    boolean coloured() {
        return coloured;
    }

    /** A line that the next one takes the place of. */
    synchronized void show(String line) {
        shown = true;
        write(RETURN_AND_ERASE + line);
    }

    /** Takes the last one away. */
    synchronized void clear() {
        if (shown) {
            shown = false;
            write(RETURN_AND_ERASE);
        }
    }

    private void write(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            shown = false; // nobody looks any more
        }
    }
}
