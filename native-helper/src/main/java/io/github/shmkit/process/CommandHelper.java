package io.github.shmkit.process;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A program of the user's own that takes part in a test.
 *
 * <p>It runs without a shell in between, in a process group of its own, with an empty standard input unless {@link Builder#pipedInput} gives
 * it a pipe. All that it writes
 * is read, whether the test looks or not. How it ended is known exactly: an exit code of 137 is not taken for SIGKILL.
 *
 * @since 0.1.0
 */
public interface CommandHelper extends Helper {
    /**
     * How it ended.
     *
     * @return empty while it is alive
     */
    Optional<Exit> exit();

    /**
     * Waits for a line that contains a text, on standard output or standard error, for
     * {@code shmkit.timeout} at most.
     *
     * @param text what the line contains
     * @return the first such line among the last 64 KiB and what comes, as far as it was written
     * @throws HelperDiedException if the program ends without it
     * @throws ShmTimeoutException if it does not come
     * @throws ShmException if the thread is interrupted; its interrupt status remains set
     */
    String awaitLine(String text);

    /**
     * Waits for a line that contains a text, on standard output or standard error.
     *
     * @param text what the line contains
     * @param max how long at most
     * @return the first such line among the last 64 KiB and what comes, as far as it was written
     * @throws HelperDiedException if the program ends without it
     * @throws ShmTimeoutException if it does not come
     * @throws ShmException if the thread is interrupted; its interrupt status remains set
     */
    String awaitLine(String text, Duration max);

    /**
     * Its standard input.
     *
     * @return the same pipe each time
     * @throws IllegalStateException if {@link Builder#pipedInput} did not give it one
     */
    Input stdin();

    @Override
    CommandHelper expectExit(Predicate<? super Exit> expected);

    /**
     * What a command is to be before it starts; immutable.
     *
     * <p>Arguments and values of environment variables may hold placeholders: <code>{path}</code>, <code>{name}</code>,
     * <code>{shmid}</code>, <code>{key}</code>, <code>{fd}</code>, <code>{size}</code> and <code>{uri}</code> of the segment
     * that was attached first, <code>{segment:LABEL.path}</code> and so on of any other, <code>{pid}</code> of the test's
     * JVM, <code>{control}</code> for the URI of the page with the checkpoints, <code>{program}</code> for the program that
     * reaches them for scripts, <code>{artifacts}</code> for the directory of what the test leaves for reports. A brace that
     * is meant is written twice.
     *
     * <p>{@code {fd}} is the number of a descriptor that the program inherits; System V segments have none. A program
     * that is written in C or C++ finds all of this more easily by {@code shmkit.h}. One that is not takes part in
     * checkpoints by running another, whose path it has in {@code SHMKIT_PROGRAM}:
     *
     * <pre>{@code
     * "$SHMKIT_PROGRAM" reach written            # counts one more arrival
     * "$SHMKIT_PROGRAM" await read 1 5000        # until it was reached once; after 5 s exits with 1
     * "$SHMKIT_PROGRAM" barrier go writer reader # until all of them have come, this helper among them
     * }</pre>
     *
     * @since 0.1.0
     */
    interface Builder {
        /**
         * Sets an environment variable, besides those of this JVM.
         *
         * @param name not empty, without {@code =}
         * @param value may hold placeholders
         * @return a builder that does so too
         * @throws IllegalArgumentException if the name is not possible or a placeholder is unknown
         */
        Builder env(String name, String value);

        /**
         * Sets the working directory, against which a relative path of the program counts.
         *
         * @param directory an existing one; by default the one of this JVM
         * @return a builder that does so too
         */
        Builder directory(Path directory);

        /**
         * Tells the program of a segment; the first is the one that plain placeholders mean.
         *
         * @param segment any, each once
         * @return a builder that does so too
         */
        Builder attach(Segment segment);

        /**
         * Gives it a pipe as standard input, to be written by {@link CommandHelper#stdin}; without this it reads the end of
         * the file at once.
         *
         * @return a builder that does so too
         */
        Builder pipedInput();

        /**
         * Has {@link #start} wait until the program is ready, for {@code shmkit.timeout} at most.
         *
         * @param condition when it is
         * @return a builder that does so too
         */
        Builder readyWhen(Readiness condition);

        /**
         * Has {@link #start} wait until the program is ready.
         *
         * @param condition when it is
         * @param max how long at most
         * @return a builder that does so too
         */
        Builder readyWhen(Readiness condition, Duration max);

        /**
         * Starts the program, and waits until it is ready if {@link #readyWhen} says when that is.
         *
         * @return the helper
         * @throws IllegalArgumentException if a placeholder cannot be filled; nothing is started then
         * @throws HelperDiedException if it ends before it is ready, with its status and what it wrote
         * @throws ShmException if it cannot be run, or does not get ready, with the reason
         */
        CommandHelper start();
    }
}
