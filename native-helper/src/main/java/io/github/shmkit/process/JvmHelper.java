package io.github.shmkit.process;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Another JVM that does what the test tells it by lambdas, with the class path of this one.
 *
 * <p>May be used by several threads; what they submit runs side by side, each in a thread of its own.
 *
 * @since 0.1.0
 */
public interface JvmHelper extends Helper {
    /**
     * Runs a task in the helper and waits for the result, for {@code shmkit.timeout} at most.
     *
     * @param task what; what it captures is copied
     * @param <T> what comes back
     * @return the result
     * @throws IllegalArgumentException if it captures what cannot be sent; nothing is sent then
     * @throws AssertionError the one that ended it, with the helper's stack before this thread's
     * @throws RemoteCallException if another exception ended it, which is the cause
     * @throws HelperDiedException at once if the helper dies before
     * @throws ShmException if the time is over, or this thread is interrupted; it stays so
     */
    <T extends @Nullable Object> T call(RemoteCallable<T> task);

    /**
     * Has the helper do something, and returns at once.
     *
     * @param task what; what it captures is copied
     * @param <T> what comes back
     * @return its progress
     * @throws IllegalArgumentException if it captures what cannot be sent; nothing is sent then
     */
    <T extends @Nullable Object> Remote<T> submit(RemoteCallable<T> task);

    /**
     * Has the helper run a main method, and returns at once.
     *
     * @param program a class with {@code static void main(String[])}
     * @param arguments may hold placeholders, see {@link CommandHelper.Builder}, but <code>{fd}</code>
     * @return its progress; the result is null
     * @throws IllegalArgumentException if there is no such method or a placeholder cannot be filled
     */
    Remote<@Nullable Void> main(Class<?> program, String... arguments);

    @Override
    JvmHelper expectExit(Predicate<? super Exit> expected);

    /**
     * What a JVM helper is to be before it starts; immutable.
     *
     * <p>It gets the class path, the module path and the options of this JVM, but agents, heap sizes, files to write to and
     * the choice of a garbage collector; and options that make it start fast.
     *
     * @since 0.1.0
     */
    interface Builder {
        /**
         * Gives it a segment; the first is the one that {@link RemoteContext#segment()} returns.
         *
         * @param segment any, each once
         * @return a builder that does so too
         */
        Builder attach(Segment segment);

        /**
         * Adds options of the JVM, behind all others.
         *
         * @param arguments each one word, for example {@code -Xmx64m}
         * @return a builder that does so too
         */
        Builder jvmArgs(String... arguments);

        /**
         * Sets a system property.
         *
         * @param name not empty
         * @param value any
         * @return a builder that does so too
         */
        Builder systemProperty(String name, String value);

        /**
         * Has it wait for a debugger; the address is on its standard output, and no wait for it has a limit.
         *
         * @param wait false by default
         * @return a builder that does so too
         */
        Builder debug(boolean wait);

        /**
         * Gives it the agents of this JVM too, of coverage for example; it then ends by {@link System#exit}, not by
         * SIGKILL.
         *
         * @return a builder that does so too
         */
        Builder inheritAgents();

        /**
         * Runs all in threads of this JVM instead, with mappings of their own: for a debugger's sake. It has no process that
         * could be killed or stopped.
         *
         * @return a builder that does so too
         */
        Builder inProcess();

        /**
         * Starts the JVM and waits until it can do something.
         *
         * @return the helper
         * @throws HelperDiedException if it ends before, with its status and what it wrote
         * @throws ShmException if it cannot be started, with the reason
         */
        JvmHelper start();
    }
}
