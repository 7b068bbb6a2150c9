package io.github.shmkit;

/**
 * What a new segment holds.
 *
 * @since 0.1.0
 */
public enum Fill {
    /** Zeros, as the kernel gives them. */
    ZERO,
    /** The byte 0xA5 throughout, which shows reads of what nobody wrote. */
    A5,
    /** Random bytes, the same again for the same seed; the JUnit extension writes them and tells the seed on failure. */
    RANDOM
}
