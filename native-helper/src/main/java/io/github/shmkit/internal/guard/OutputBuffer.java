package io.github.shmkit.internal.guard;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The last 64 KiB of what a process wrote, however much that was. */
public final class OutputBuffer {
    private static final int CAPACITY = 1 << 16;

    private byte[] ring = new byte[1024];
    private long total;
    private final List<LineWatch> watches = new ArrayList<>();

    synchronized void append(byte[] bytes) {
        if (!watches.isEmpty()) {
            watches.forEach(watch -> watch.feed(bytes));
            watches.removeIf(watch -> watch.found().isDone());
        }
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

    /** Completes with the first line that contains the text, among those that are kept and those to come. */
    public synchronized CompletableFuture<String> firstLine(String text) {
        LineWatch watch = new LineWatch(text);
        watch.feed(lastBytes());
        if (!watch.found().isDone()) {
            watches.add(watch);
        }
        return watch.found();
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
