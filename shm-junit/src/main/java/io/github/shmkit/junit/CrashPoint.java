package io.github.shmkit.junit;

import io.github.shmkit.Segment;

/**
 * Where in a script its helper is killed, see {@link EachCrashPoint}.
 *
 * @since 0.1.0
 */
public interface CrashPoint {
    /**
     * How many steps are done before.
     *
     * @return 0 if it is killed before the first
     */
    int steps();

    /**
     * Runs the script up to here in a native helper of its own, which is then killed by SIGKILL, and waits for its end.
     *
     * @param segments for it to attach; the first is the one that the script's offsets address by default
     * @throws io.github.shmkit.ScriptFailedException if a step fails before the helper gets here
     */
    void runAndCrash(Segment... segments);
}
