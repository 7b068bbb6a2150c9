package io.github.shmkit.internal.guard;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The last 64 KiB of what a process wrote, however much that was. */
public final class OutputBuffer {
    private static final int CAPACITY = 1 << 16;

    private byte[] ring = new byte[1024];
    private long total;

    synchronized void append(byte[] bytes) {
        long keep = Math.min(total + bytes.length, CAPACITY);
        if (keep > ring.length) {
            byte[] old = lastBytes();
            ring = new byte[(int) Math.min(CAPACITY, Long.highestOneBit(keep) << 1)];
            for (int i = 0; i < old.length; i++) {
                ring[(int) ((total - old.length + i) % ring.length)] = old[i];
            }
        }
        for (byte b : bytes) {
            ring[(int) (total++ % ring.length)] = b;
        }
    }

    private byte[] lastBytes() {
        int size = (int) Math.min(total, ring.length);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = ring[(int) ((total - size + i) % ring.length)];
        }
        return bytes;
    }

    /** Bytes ever written. */
    public synchronized long total() {
        return total;
    }

    /** What is kept, as UTF-8. */
    public synchronized String text() {
        return new String(lastBytes(), StandardCharsets.UTF_8);
    }

    /** The kept lines, without their ends. */
    public List<String> lines() {
        return text().lines().toList();
    }

    /** The last lines, at most so many. */
    public List<String> lastLines(int count) {
        List<String> lines = lines();
        return lines.subList(Math.max(0, lines.size() - count), lines.size());
    }
}
