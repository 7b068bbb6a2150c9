package io.github.shmkit.internal.guard;

import java.util.List;
import java.util.Map;

/** A program to run; no shell in between. */
public record LaunchSpec(List<String> argv, Map<String, String> environment, String directory) {
    public LaunchSpec {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a command needs at least its name");
        }
    }
}
