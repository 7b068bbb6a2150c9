package io.github.shmkit;

/**
 * What code in a JVM helper shares with the test.
 *
 * @since 0.1.0
 */
public interface RemoteContext {
    /**
     * The name of this helper.
     *
     * @return never empty
     */
    String name();

    /**
     * The segment that was attached first, in a mapping of this JVM's own.
     *
     * @return the same for the whole life of the helper
     * @throws IllegalArgumentException if none was attached
     */
    Segment segment();

    /**
     * An attached segment, in a mapping of this JVM's own.
     *
     * @param label of the segment
     * @return the same for the whole life of the helper
     * @throws IllegalArgumentException if none has that label
     */
    Segment segment(String label);

    /**
     * The checkpoints of the test.
     *
     * @return those that the test and all its helpers share
     */
    Checkpoints checkpoints();

    /**
     * Counts one more arrival at a checkpoint.
     *
     * @param checkpoint its name
     */
    default void reach(String checkpoint) {
        checkpoints().reach(checkpoint);
    }
}
