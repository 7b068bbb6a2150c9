package io.github.shmkit.script;

/**
 * How an access to memory is ordered with others, as in C11's {@code stdatomic.h}.
 *
 * @since 0.1.0
 */
public enum MemoryOrder {
    /** Atomic, but not ordered with anything. */
    OPAQUE,
    /** Of a load: nothing that follows is moved before it. */
    ACQUIRE,
    /** Of a store: nothing that precedes is moved after it. */
    RELEASE,
    /** Of a read-modify-write: both. */
    ACQUIRE_RELEASE,
    /** All such accesses have one order that every process agrees on. */
    VOLATILE
}
