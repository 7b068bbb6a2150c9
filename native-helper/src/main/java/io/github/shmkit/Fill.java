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
    A5
}
