package io.github.shmkit.internal.trace;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an instruction is.
 *
 * @param address in the memory of the process
 * @param module the file that it comes from, empty if it was generated at run time
 * @param offset in the file
 */
public record CodePlace(long address, Optional<String> module, long offset) {
    private static final String GENERATED = "code generated at run time";

    /** For people; looks into the file. */
    public String describe() {
        return module.map(this::describe).orElse(GENERATED); // its address is another in each run
    }

    private String describe(String path) {
        return path.substring(path.lastIndexOf('/') + 1) + "+0x" + Long.toHexString(offset)
                + Symbols.of(Path.of(path))
                        .name(offset)
                        .map(name -> " (" + name + ")")
                        .orElse("");
    }
}
