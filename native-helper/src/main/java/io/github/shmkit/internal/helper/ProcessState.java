package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.process.HelperState;

/** The state letter of {@code /proc/PID/stat}. */
final class ProcessState {
    private ProcessState() {}

    static HelperState of(long pid) {
        return ofLetter(ProcFs.state(pid, pid));
    }

    static HelperState ofLetter(char letter) {
        return switch (letter) {
            case 'R' -> HelperState.RUNNING;
            case 'T', 't' -> HelperState.STOPPED;
            case 'Z' -> HelperState.ZOMBIE;
            case 'X', 'x', '?' -> HelperState.EXITED;
            default -> HelperState.SLEEPING;
        };
    }
}
