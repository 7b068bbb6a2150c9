package io.github.shmkit.script;

/**
 * What a script can calculate, on numbers of 8 bytes; an overflow wraps around.
 *
 * @since 0.1.0
 */
public enum Arithmetic {
    /** The sum. */
    ADD,
    /** The difference. */
    SUB,
    /** The product. */
    MUL,
    /** Bitwise and. */
    AND,
    /** Bitwise or. */
    OR,
    /** Bitwise exclusive or. */
    XOR,
    /** Shifted left by the low 6 bits of the operand. */
    SHL,
    /** Shifted right by the low 6 bits of the operand; zeros come in. */
    SHR,
    /** The remainder, both taken as unsigned; 0 if the operand is 0. */
    MOD
}
