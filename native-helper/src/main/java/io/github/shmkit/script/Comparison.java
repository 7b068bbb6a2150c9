package io.github.shmkit.script;

/**
 * How a value found in memory or in a register is compared with a given one.
 *
 * <p>Both are cut to the width of the access first; those whose name begins with {@code UNSIGNED} take them as unsigned.
 *
 * @since 0.1.0
 */
public enum Comparison {
    /** They are the same. */
    EQUAL("=="),
    /** They differ. */
    NOT_EQUAL("!="),
    /** The value is less. */
    LESS("<"),
    /** The value is less or the same. */
    LESS_OR_EQUAL("<="),
    /** The value is greater. */
    GREATER(">"),
    /** The value is greater or the same. */
    GREATER_OR_EQUAL(">="),
    /** The value is less. */
    UNSIGNED_LESS("<"),
    /** The value is less or the same. */
    UNSIGNED_LESS_OR_EQUAL("<="),
    /** The value is greater. */
    UNSIGNED_GREATER(">"),
    /** The value is greater or the same. */
    UNSIGNED_GREATER_OR_EQUAL(">="),
    /** Every bit of the given one is set in the value. */
    ALL_SET("has all bits of"),
    /** Some bit of the given one is set in the value. */
    ANY_SET("has a bit of");

    private final String sign;

    Comparison(String sign) {
        this.sign = sign;
    }

    /**
     * The comparison as it reads in a message, between the value and the given one.
     *
     * @return for example {@code >=}
     */
    public String sign() {
        return sign;
    }
}
