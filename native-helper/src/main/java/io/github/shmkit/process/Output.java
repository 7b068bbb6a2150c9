package io.github.shmkit.process;

import java.util.List;

/**
 * What a helper wrote; it is read all the time, whether anybody looks or not.
 *
 * <p>The last 64 KiB are kept. What it wrote before it answered is among them.
 *
 * @since 0.1.0
 */
public interface Output {
    /**
     * What is kept, as UTF-8.
     *
     * @return the text
     */
    String text();

    /**
     * The kept lines, without their ends.
     *
     * @return an immutable list
     */
    List<String> lines();

    /**
     * Bytes ever written.
     *
     * @return the number
     */
    long total();

    /**
     * Whether what is kept contains some text.
     *
     * @param part the text
     * @return true if it does
     */
    default boolean contains(String part) {
        return text().contains(part);
    }
}
