package io.github.shmkit.process;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * The standard input of a command, a pipe as in pipe(7).
 *
 * @since 0.1.0
 */
public interface Input extends AutoCloseable {
    /**
     * Writes bytes, and waits until the pipe has taken all of them.
     *
     * @param bytes any
     * @throws HelperDiedException if the command has ended
     * @throws ShmTimeoutException if the command does not read within {@code shmkit.timeout}
     * @throws ShmException if the command has closed its standard input
     * @throws IllegalStateException after {@link #close}
     */
    void write(byte[] bytes);

    /**
     * Writes text in UTF-8 as it is.
     *
     * @param text any
     * @throws ShmException as {@link #write(byte[])}
     */
    default void write(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes a line in UTF-8 and its end.
     *
     * @param line without its end
     * @throws ShmException as {@link #write(byte[])}
     */
    default void println(String line) {
        write(line + "\n");
    }

    /** Ends the input: the command reads what was written, then the end of the file. */
    @Override
    void close();
}
