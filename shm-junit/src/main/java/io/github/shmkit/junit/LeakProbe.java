package io.github.shmkit.junit;

import java.util.List;

/**
 * Compares the shared objects on this machine at two moments, to see whether code under test cleans up.
 *
 * <pre>{@code
 * LeakProbe.Snapshot before = kit.leaks().snapshot();
 * …
 * assertThat(kit.leaks().diff(before)).isEmpty();
 * }</pre>
 *
 * <p>Looks at System V segments, semaphores and queues, at {@code /dev/shm} and {@code /dev/mqueue}, as far as they belong
 * to this user and were not made through shmkit in this JVM. Others of the same user who make some at the same time
 * disturb it.
 *
 * @since 0.1.0
 */
public interface LeakProbe {
    /**
     * Looks now.
     *
     * @return what is there
     */
    Snapshot snapshot();

    /**
     * Looks again.
     *
     * @param before an earlier look
     * @return what is there now and was not then
     */
    List<Leak> diff(Snapshot before);

    /**
     * What was there at one moment.
     *
     * @since 0.1.0
     */
    interface Snapshot {
        /**
         * All of it.
         *
         * @return an immutable list
         */
        List<Leak> objects();
    }
}
