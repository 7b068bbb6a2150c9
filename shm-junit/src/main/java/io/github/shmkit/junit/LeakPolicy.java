package io.github.shmkit.junit;

/**
 * What becomes of a leak.
 *
 * @since 0.1.0
 */
public enum LeakPolicy {
    /** The test that left it fails; if it failed anyway, the leak is a suppressed throwable. */
    FAIL,
    /** It is published as a report entry of the test. */
    WARN,
    /** Nobody looks. */
    OFF
}
