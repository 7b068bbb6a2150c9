package io.github.shmkit.script;

import io.github.shmkit.Bytes;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * What came of a script that was run to its end, or to the step that failed.
 *
 * @param status how it ended
 * @param last index of the failing instruction, or of the last one
 * @param errno the name of the system call's error, for example {@code ENOENT}; empty if none failed
 * @param rounds completed rounds of each loop around the failing instruction, outermost first
 * @param iterations completed rounds of all loops together
 * @param lastValue the value of the last operation that had one
 * @param values what was kept, in the order in which it came about
 * @param explanation why the helper refused the script; empty if it did not
 * @since 0.1.0
 */
public record ScriptResult(
        Status status,
        int last,
        String errno,
        List<Long> rounds,
        long iterations,
        long lastValue,
        List<Value> values,
        String explanation) {
    /** How a script ends. */
    public enum Status {
        /** All of it was done. */
        OK,
        /** A system call failed. */
        ERRNO,
        /** The helper refused it. */
        USAGE,
        /** What was waited for did not come in time. */
        TIMEOUT,
        /** What was checked did not hold. */
        MISMATCH,
        /** More values were to be kept than a result can have. */
        LIMIT
    }

    /**
     * A value that was kept.
     *
     * @param instruction index of the instruction that it came from
     * @param name the name given to it; empty if none
     * @param value the value, zero-extended
     * @param swapped of a compare-and-set: whether it replaced the value
     * @param errno of a system call: the name of its error; empty if it succeeded
     * @param bytes copied out
     */
    public record Value(int instruction, String name, long value, boolean swapped, String errno, Bytes bytes) {}

    /**
     * Copies the lists.
     *
     * @param status as the component
     * @param last as the component
     * @param errno as the component
     * @param rounds copied
     * @param iterations as the component
     * @param lastValue as the component
     * @param values copied
     * @param explanation as the component
     */
    public ScriptResult {
        rounds = List.copyOf(rounds);
        values = List.copyOf(values);
    }

    /**
     * The value that was kept under a name; the last one if it was kept more than once.
     *
     * @param name as given to {@link Script.Builder#keep}
     * @return the value, zero-extended
     * @throws NoSuchElementException if there is none
     */
    public long value(String name) {
        for (int i = values.size() - 1; i >= 0; i--) {
            if (values.get(i).name().equals(name)) {
                return values.get(i).value();
            }
        }
        throw new NoSuchElementException("the script kept nothing under the name '" + name + "'");
    }

    /**
     * Whether the last compare-and-set that was kept replaced the value.
     *
     * @return true if it did
     * @throws NoSuchElementException if nothing was kept
     */
    public boolean swapped() {
        if (values.isEmpty()) {
            throw new NoSuchElementException("the script kept no compare-and-set");
        }
        return values.get(values.size() - 1).swapped();
    }
}
