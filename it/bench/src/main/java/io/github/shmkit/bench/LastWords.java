package io.github.shmkit.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The end of what a process printed: why it failed, if it did. */
record LastWords(List<String> lines) {
    private static final int LINES_MAX = 4;
    private static final int LENGTH_MAX = 500;

    /** Reads all that the process prints and passes it on. */
    static LastWords of(Process process, PrintStream to) {
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = output.readLine()) != null) {
                to.println(line);
                // Frames tell where, and push out what tells why.
                if (!line.isBlank() && !line.startsWith("\t")) {
                    last.addLast(line);
                }
                if (last.size() > LINES_MAX) {
                    last.removeFirst();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LastWords(List.copyOf(last));
    }

    /** As the end of a sentence; empty if it said nothing. */
    String text() {
        String all = String.join(" / ", lines);
        String shown = all.length() > LENGTH_MAX ? all.substring(0, LENGTH_MAX) + " …" : all;
        return shown.isEmpty() ? "" : ": " + shown;
    }
}
