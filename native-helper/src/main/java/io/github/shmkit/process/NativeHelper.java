package io.github.shmkit.process;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptFailedException;
import io.github.shmkit.syscall.SysCalls;
import java.util.function.Predicate;

/**
 * A small native process that does what the test tells it, to memory that it shares with the test.
 *
 * <p>Its methods are synchronous: they return when the helper has done it. {@link #run} sends a {@link Script} and
 * returns at once. Offsets address the segment that was attached first; {@link #in} names another.
 *
 * <p>May be used by several threads; requests are done one after the other.
 *
 * @since 0.1.0
 */
public interface NativeHelper extends Helper, HelperMemory {
    /**
     * Another of the attached segments.
     *
     * @param label its label
     * @return the same operations on it
     * @throws IllegalArgumentException if none has that label
     */
    HelperMemory in(String label);

    /**
     * Memory that belongs to no attached segment, for example what mmap(2) returned; nothing checks the offsets.
     *
     * @param address where offset 0 is, in the helper's address space
     * @return the same operations on it
     */
    HelperMemory at(long address);

    /**
     * Where the helper has mapped a segment.
     *
     * @param label its label; empty for the one that was attached first
     * @return the address of offset 0 in the helper's address space
     * @throws IllegalArgumentException if none has that label
     */
    long address(String label);

    /**
     * Where the helper has mapped the segment that was attached first.
     *
     * @return the address of offset 0 in the helper's address space
     * @throws IllegalArgumentException if none was attached
     */
    default long address() {
        return address("");
    }

    /**
     * System calls with their raw results.
     *
     * @return to be done by this helper
     */
    SysCalls sys();

    /**
     * Makes another helper by fork(2): it inherits what is attached, mapped and open, and all variables.
     *
     * <p>Its output goes where that of this helper goes, and its end is known as soon as this helper has waited for it,
     * between two scripts. It is closed with this one at the latest.
     *
     * @param name the new helper's name in reports
     * @return the child
     * @throws ScriptFailedException if fork(2) failed
     */
    NativeHelper fork(String name);

    /**
     * Has the helper become another program by execve(2); from then on it does nothing more for the test, but its end can
     * be awaited.
     *
     * @param path of the program; not looked up in PATH
     * @param arguments what follows the program's name
     * @throws ShmException if it fails, with the reason; the helper goes on then
     */
    void exec(String path, String... arguments);

    /**
     * Attaches another segment.
     *
     * @param segment any that this helper has not attached; an isolated helper finds no POSIX or System V segment any more
     */
    void attach(Segment segment);

    /**
     * Detaches a segment.
     *
     * @param label its label
     */
    void detach(String label);

    /**
     * Sends a script and returns at once.
     *
     * @param script what to do
     * @return its progress
     * @throws IllegalArgumentException if an offset is out of range or misaligned; nothing is sent then
     */
    Running run(Script script);

    /**
     * Writes to the helper's standard error.
     *
     * @param text as it is, with no line end added
     */
    void echo(String text);

    @Override
    NativeHelper expectExit(Predicate<? super Exit> expected);

    /**
     * What a native helper is to be before it starts; immutable.
     *
     * @since 0.1.0
     */
    interface Builder {
        /**
         * Has it attach a segment; the first is the one that offsets address by default.
         *
         * @param segment any, each once
         * @return a builder that does so too
         */
        Builder attach(Segment segment);

        /**
         * Has it attach a segment for reading only: a write is SIGSEGV.
         *
         * @param segment any, each once
         * @return a builder that does so too
         */
        Builder attachReadOnly(Segment segment);

        /**
         * Starts it in IPC and mount namespaces of its own, with a /dev/shm of 16 MiB. What it is to attach is attached
         * before, and so are the test's checkpoints; all else that it makes there nobody else sees, and it goes with the last
         * process in them.
         *
         * <p>Needs CAP_SYS_ADMIN, or user namespaces that everybody may make, see user_namespaces(7).
         *
         * @return a builder that does so too
         */
        Builder isolated();

        /**
         * The same with a /dev/shm of another size.
         *
         * @param shmBytes its size, at least that of a page
         * @return a builder that does so too
         * @throws IllegalArgumentException if it is less
         */
        Builder isolated(long shmBytes);

        /**
         * Makes an isolated helper root in its namespaces, where the test is not root: it has all rights over what belongs
         * to them, and those of the test's user over all else.
         *
         * <p>No other user exists there, so it cannot become one.
         *
         * @return a builder that does so too
         */
        Builder asRoot();

        /**
         * Starts the process and waits until all is attached.
         *
         * @return the helper
         * @throws ShmException if a segment cannot be attached, or the process not isolated, with the reason
         */
        NativeHelper start();
    }
}
