package io.github.shmkit.process;

/**
 * What a helper's process is doing, see proc(5) on {@code /proc/PID/stat}.
 *
 * @since 0.1.0
 */
public enum HelperState {
    /** On a processor, or ready for one. */
    RUNNING,
    /** Waiting, for input or in a nap. */
    SLEEPING,
    /** Stopped by a signal. */
    STOPPED,
    /** Dead, and its status not yet fetched. */
    ZOMBIE,
    /** Gone. */
    EXITED
}
