package io.github.shmkit.maven.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.HelperProgram;

/** Whether this machine is one that we can work on. */
public final class Support {
    private Support() {}

    /** Why there is nothing to do here; empty on a platform that is supported. */
    public static String missing() {
        try {
            HelperProgram.Platform.current();
            return "";
        } catch (ShmException e) {
            return "shmkit works on Linux on x86-64 and aarch64, and this is "
                    + Printable.text(System.getProperty("os.name") + " on " + System.getProperty("os.arch"))
                    + ": nothing to do";
        }
    }
}
