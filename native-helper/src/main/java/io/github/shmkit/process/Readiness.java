package io.github.shmkit.process;

/**
 * When a command counts as ready, see {@link CommandHelper.Builder#readyWhen}.
 *
 * @since 0.1.0
 */
public sealed interface Readiness {
    /**
     * It has written something.
     *
     * @param text part of a line of its standard output or standard error, not empty
     */
    record Line(String text) implements Readiness {
        /**
         * Checks the text.
         *
         * @param text part of one line, not empty
         * @throws IllegalArgumentException if it is empty or has more than one line
         */
        public Line {
            if (text.isEmpty() || text.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("a command is ready when a line contains some text, not \"" + text
                        + "\", which is empty or has several lines");
            }
        }

        @Override
        public String toString() {
            return "a line with \"" + text + "\"";
        }
    }

    /**
     * It has reached a checkpoint, by {@code shmkit.h}; or somebody else has.
     *
     * @param name of the checkpoint
     */
    record Checkpoint(String name) implements Readiness {
        @Override
        public String toString() {
            return "checkpoint '" + name + "'";
        }
    }

    /**
     * The checkpoint by which the program says that it is ready.
     *
     * @param name of the checkpoint
     * @return the condition
     */
    static Readiness checkpoint(String name) {
        return new Checkpoint(name);
    }

    /**
     * The text of a line by which the program says that it is ready.
     *
     * @param text part of a line of its standard output or standard error
     * @return the condition
     */
    static Readiness line(String text) {
        return new Line(text);
    }
}
