package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import java.time.Instant;

/** What functions that wait are given and return. */
final class Waits {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private Waits() {}

    static int error(long result) {
        return result < 0 ? Native.getLastError() : 0;
    }

    static long[] span(int millis) {
        return new long[] {millis / 1000, millis % 1000 * NANOS_PER_MILLI};
    }

    /** By the clock that these functions know. */
    static long[] until(int millis) {
        Instant end = Instant.now().plusMillis(millis);
        return new long[] {end.getEpochSecond(), end.getNano()};
    }
}
