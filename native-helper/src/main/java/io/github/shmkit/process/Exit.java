package io.github.shmkit.process;

import io.github.shmkit.Signal;

/**
 * How a process ended, see wait(2): an exit code or a signal, never 128 plus something.
 *
 * @since 0.1.0
 */
public sealed interface Exit {
    /**
     * The process called exit(3) or returned from main.
     *
     * @param value 0 to 255
     */
    record Code(int value) implements Exit {
        @Override
        public String toString() {
            return "exited with code " + value;
        }
    }

    /**
     * A signal ended the process.
     *
     * @param signal which
     * @param coreDumped whether the kernel wrote a core dump
     */
    record Killed(Signal signal, boolean coreDumped) implements Exit {
        @Override
        public String toString() {
            return "was killed by " + signal + (coreDumped ? " (core dumped)" : "");
        }
    }

    /**
     * The end by this exit code, to compare with.
     *
     * @param value 0 to 255
     * @return the exit
     */
    static Exit code(int value) {
        return new Code(value);
    }

    /**
     * Decodes what waitpid(2) stored.
     *
     * @param status the status of a process that ended, not one that stopped
     * @return the exit
     */
    static Exit ofWaitStatus(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? new Code(status >> 8 & 0xff) : new Killed(new Signal(signal), (status & 0x80) != 0);
    }

    /**
     * Whether the process ended by exit code 0.
     *
     * @return false for any other code and for every signal
     */
    default boolean isSuccess() {
        return equals(new Code(0));
    }
}
