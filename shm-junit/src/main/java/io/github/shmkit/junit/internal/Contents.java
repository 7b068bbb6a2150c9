package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import java.util.Arrays;
import java.util.Random;

/** What a segment held at first; any part of it can be had again without keeping a copy. */
interface Contents {
    int BLOCK = 4096;

    /**
     * A block of {@link #BLOCK} bytes.
     *
     * @param number counts from 0
     */
    byte[] block(long number);

    static Contents of(byte value) {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, value);
        return number -> block;
    }

    static Contents random(long seed) {
        return number -> {
            byte[] block = new byte[BLOCK];
            new Random(seed + number * 0x9E3779B97F4A7C15L).nextBytes(block);
            return block;
        };
    }

    default void fill(Segment segment) {
        for (long offset = 0; offset < segment.size(); offset += BLOCK) {
            byte[] block = block(offset / BLOCK);
            int length = (int) Math.min(BLOCK, segment.size() - offset);
            segment.putBytes(offset, length == BLOCK ? block : Arrays.copyOf(block, length));
        }
    }
}
