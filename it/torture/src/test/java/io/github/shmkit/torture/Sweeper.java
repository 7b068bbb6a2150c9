package io.github.shmkit.torture;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.sweep.Sweep;
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
                say("end " + Sweep.run(SweepPolicy.standard()).removed().size());
            } catch (ShmException e) {
                say("failed " + e.getMessage());
            }
        }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
