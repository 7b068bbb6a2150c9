package io.github.shmkit.internal.guard;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Looks for a text in what a process writes, line by line, the last and unfinished one included. */
final class LineWatch {
    /** A longer line is cut: only its beginning is looked at. */
    private static final int LINE_MAX = 1 << 16;

    private final String text;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final CompletableFuture<String> found = new CompletableFuture<>();

    LineWatch(String text) {
        this.text = text;
    }

    CompletableFuture<String> found() {
        return found;
    }

    void feed(byte[] bytes) {
        for (byte b : bytes) {
            if (b == '\n') {
                look();
                line.reset();
            } else if (line.size() < LINE_MAX) {
                line.write(b);
            }
            if (found.isDone()) {
                return;
            }
        }
        look();
    }

    private void look() {
        String soFar = line.toString(StandardCharsets.UTF_8);
        if (soFar.contains(text)) {
            found.complete(soFar);
        }
    }
}
