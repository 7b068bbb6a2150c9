package io.github.shmkit.torture;

import io.github.shmkit.internal.sweep.Sweep;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.IOException;

/** A cleaner that sweeps each time it is asked, and can be killed meanwhile. */
public final class Sweeper {
    private Sweeper() {}

    public static void main(String[] args) throws IOException {
        say("ready");
        while (System.in.read() >= 0) {
            say("begin");
            SweepReport report = Sweep.run(SweepPolicy.standard());
            say("end " + report.removed().size());
        }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
