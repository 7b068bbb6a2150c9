package io.github.shmkit.internal.guard;

import java.util.List;
import java.util.Map;

/**
 * A program to run; no shell in between.
 *
 * @param input a path that it reads as its standard input; empty for an empty one
 * @param inherited paths that are opened for it, as descriptors {@link #FIRST_FD} and up
 */
public record LaunchSpec(
        List<String> argv, Map<String, String> environment, String directory, String input, List<String> inherited) {
    public static final int FIRST_FD = 3;

    public LaunchSpec(List<String> argv, Map<String, String> environment, String directory) {
        this(argv, environment, directory, "", List.of());
    }

    public LaunchSpec {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        inherited = List.copyOf(inherited);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a command needs at least its name");
        }
        argv.forEach(argument -> refuseNul("argument", argument));
        environment.forEach((name, value) -> refuseNul("environment variable", name + '=' + value));
        refuseNul("directory", directory);
        refuseNul("input", input);
        inherited.forEach(path -> refuseNul("file", path));
    }

    /** The same with another command. */
    public LaunchSpec with(List<String> command) {
        return new LaunchSpec(command, environment, directory, input, inherited);
    }

    /** The same with another standard input. */
    public LaunchSpec reading(String path) {
        return new LaunchSpec(argv, environment, directory, path, inherited);
    }

    /** A program would see the text end there, and the supervisor would take the request for malformed. */
    private static void refuseNul(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the " + what + " '" + text.replace("\0", "\\0")
                    + "' of a command has a NUL, which ends every text that a program is given; leave it away");
        }
    }
}
