package io.github.shmkit.internal.guard;

import java.util.List;
import java.util.Map;

/**
 * A program to run; no shell in between.
 *
 * @param inherited paths that are opened for it, as descriptors {@link #FIRST_FD} and up
 */
public record LaunchSpec(List<String> argv, Map<String, String> environment, String directory, List<String> inherited) {
    public static final int FIRST_FD = 3;

    public LaunchSpec(List<String> argv, Map<String, String> environment, String directory) {
        this(argv, environment, directory, List.of());
    }

    public LaunchSpec {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        inherited = List.copyOf(inherited);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a command needs at least its name");
        }
    }
}
