package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import java.util.Arrays;
import java.util.Random;

/** What a segment held at first; any part of it can be had again without keeping a copy. */
interface Contents {
    int BLOCK = 4096;

    /** So much of a segment is compared with what it held at first. */
    int COMPARED_MAX = 1 << 20;

    /**
     * A block of {@link #BLOCK} bytes.
     *
     * @param number counts from 0
     */
    byte[] block(long number);

    static Contents of(byte value) {
        return number -> {
            byte[] block = new byte[BLOCK];
            Arrays.fill(block, value);
            return block;
        };
    }

    static Contents random(long seed) {
        return number -> {
            byte[] block = new byte[BLOCK];
            new Random(seed + number * 0x9E3779B97F4A7C15L).nextBytes(block);
            return block;
        };
    }

    /** What it holds now, as far as a report compares it. */
    static Contents now(Segment segment) {
        byte[] copy = segment.getBytes(0, (int) Math.min(segment.size(), COMPARED_MAX));
        return number -> Arrays.copyOfRange(copy, (int) (number * BLOCK), (int) (number * BLOCK) + BLOCK);
    }

    default void fill(Segment segment) {
        for (long offset = 0; offset < segment.size(); offset += BLOCK) {
            byte[] block = block(offset / BLOCK);
            int length = (int) Math.min(BLOCK, segment.size() - offset);
            segment.putBytes(offset, length == BLOCK ? block : Arrays.copyOf(block, length));
        }
    }
}
