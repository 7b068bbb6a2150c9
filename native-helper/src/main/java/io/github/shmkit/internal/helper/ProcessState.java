package io.github.shmkit.internal.helper;

import io.github.shmkit.process.HelperState;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The state letter of {@code /proc/PID/stat}. */
final class ProcessState {
    private ProcessState() {}

    static HelperState of(long pid) {
        // No NIO: an interrupted thread could not read with it.
        try (InputStream in = new FileInputStream("/proc/" + pid + "/stat")) {
            String stat = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            // The command's name stands in parentheses and may itself hold some: count from the last one.
            return ofLetter(stat.charAt(stat.lastIndexOf(')') + 2));
        } catch (IOException e) {
            return HelperState.EXITED;
        }
    }

    static HelperState ofLetter(char letter) {
        return switch (letter) {
            case 'R' -> HelperState.RUNNING;
            case 'T', 't' -> HelperState.STOPPED;
            case 'Z' -> HelperState.ZOMBIE;
            case 'X', 'x' -> HelperState.EXITED;
            default -> HelperState.SLEEPING;
        };
    }
}
