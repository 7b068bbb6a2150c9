package io.github.shmkit.internal.script;

/** What a helper can do; names and order are those of {@code proto.h}. */
public enum Operation {
    /** Nothing. */
    NOP,
    /** Load. */
    GET,
    /** Store. */
    PUT,
    /** Atomic addition; the result is the value before, as for the next four. */
    ADD,
    /** Atomic exchange. */
    XCHG,
    /** Atomic and. */
    AND,
    /** Atomic or. */
    OR,
    /** Atomic exclusive or. */
    XOR,
    /** Atomic compare-and-set. */
    CAS,
    /** Sets bytes to one value. */
    FILL,
    /** Copies bytes in. */
    PUT_BYTES,
    /** Copies bytes out. */
    GET_BYTES,
    /** Copies bytes from one place to another. */
    COPY,
    /** CRC-32 of bytes. */
    CRC32,
    /** Waits for a value in memory. */
    AWAIT,
    /** Sleeps. */
    SLEEP,
    /** Memory fence. */
    FENCE,
    /** Writes to standard error. */
    ECHO,
    /** Ends the process by an exit code. */
    EXIT,
    /** Ends the process by a signal. */
    DIE,
    /** Begins a loop. */
    LOOP,
    /** Ends a loop or a condition. */
    END,
    /** Leaves the innermost loop. */
    BREAK,
    /** Begins a condition. */
    IF,
    /** Begins the other half of a condition. */
    ELSE,
    /** Ends the script unless a comparison holds. */
    CHECK,
    /** Sets a register. */
    SET,
    /** Calculates. */
    ALU,
    /** Attaches a segment. */
    ATTACH,
    /** Detaches a segment. */
    DETACH,
    /** Calls a function of the C library. */
    CALL,
    /** Forks. */
    FORK,
    /** Counts one more arrival at a checkpoint. */
    REACH,
    /** Waits for a checkpoint. */
    CHECKPOINT,
    /** Waits for the other parties of a barrier. */
    BARRIER
}
