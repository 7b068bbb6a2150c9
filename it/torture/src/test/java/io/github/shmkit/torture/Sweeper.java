package io.github.shmkit.torture;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.io.IOException;

/** A cleaner that sweeps each time it is asked; it can be killed meanwhile, or its actuator. */
public final class Sweeper {
    private Sweeper() {}

    public static void main(String[] args) throws IOException {
        say("ready " + Os.euid()); // with the slow part of its start behind it
        while (System.in.read() >= 0) {
            say("begin");
            try {
                say("end " + Removal.run(SweepPolicy.standard()).removed().size());
            } catch (ShmException e) {
                // Killed before it was the actuator, Java's own helper for starting processes, it leaves a long message
                say("failed "
                        + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
