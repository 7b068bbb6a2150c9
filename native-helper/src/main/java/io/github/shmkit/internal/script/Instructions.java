package io.github.shmkit.internal.script;

import io.github.shmkit.script.Script;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a script consists of, which its public type does not show.
 *
 * @param steps in order
 * @param names given to values, by the index of the instruction
 */
public record Instructions(List<Instruction> steps, Map<Integer, String> names) {
    private static volatile @Nullable Function<Script, Instructions> reader;

    /**
     * Makes the instructions of scripts readable; called once, by the class of scripts.
     *
     * @param access reads a script
     */
    public static void ofScripts(Function<Script, Instructions> access) {
        reader = access;
    }

    /**
     * The instructions of a script.
     *
     * @param script any
     * @return its instructions
     */
    public static Instructions of(Script script) {
        Function<Script, Instructions> access = reader;
        if (access == null) {
            throw new IllegalStateException("a script exists, and its class is not initialised");
        }
        return access.apply(script);
    }
}
