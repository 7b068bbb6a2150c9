package io.github.shmkit;

import java.util.Arrays;

/**
 * Bytes that cannot be changed.
 *
 * @since 0.1.0
 */
public final class Bytes {
    /** None. */
    public static final Bytes NONE = new Bytes(new byte[0]);

    private final byte[] content;

    /**
     * A copy.
     *
     * @param content the bytes
     */
    public Bytes(byte[] content) {
        this.content = content.clone();
    }

    /**
     * A copy of the bytes.
     *
     * @return a new array
     */
    public byte[] toArray() {
        return content.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return content.length + " bytes";
    }
}
