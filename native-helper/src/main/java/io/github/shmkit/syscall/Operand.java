package io.github.shmkit.syscall;

import io.github.shmkit.Bytes;
import java.nio.charset.StandardCharsets;

/**
 * An argument of a {@link LibcCall}.
 *
 * @since 0.1.0
 */
public sealed interface Operand permits Operand.Constant, Operand.Place, Operand.Input, Operand.Room, Operand.Var {
    /**
     * A number; also an address that is known.
     *
     * @param value it
     */
    record Constant(long value) implements Operand {}

    /**
     * The address of a place in an attached segment.
     *
     * @param label of the segment; empty for the one that was attached first
     * @param offset bytes from its start
     */
    record Place(String label, long offset) implements Operand {}

    /**
     * The address of bytes that go with the script.
     *
     * @param content what they are; a C string needs its NUL
     */
    record Input(Bytes content) implements Operand {}

    /**
     * The address of zero bytes that come back with the result.
     *
     * @param size how many
     */
    record Room(int size) implements Operand {
        /**
         * Checks the size.
         *
         * @param size bytes, not negative
         * @throws IllegalArgumentException if it is negative
         */
        public Room {
            if (size < 0) {
                throw new IllegalArgumentException("there is no room of " + size + " bytes");
            }
        }
    }

    /**
     * A number that a helper remembers: from step to step, and from script to script until its process ends.
     *
     * @param number 1 to 16
     * @since 0.1.0
     */
    record Var(int number) implements Operand {
        /** How many a helper has. */
        public static final int COUNT = 16;

        /**
         * A variable by its number, for a script that continues where another one ended.
         *
         * @param number 1 to 16
         * @throws IllegalArgumentException if the number is out of range
         */
        public Var {
            if (number < 1 || number > COUNT) {
                throw new IllegalArgumentException("a helper has variables 1 to " + COUNT + ", not " + number);
            }
        }

        @Override
        public String toString() {
            return "var " + number;
        }
    }

    /** Bytes that every structure has room in. */
    int RECORD_SIZE = 128;

    /**
     * A number.
     *
     * @param value it
     * @return the argument
     */
    static Operand number(long value) {
        return new Constant(value);
    }

    /**
     * The address of a place in an attached segment.
     *
     * @param label of the segment
     * @param offset bytes from its start
     * @return the argument
     */
    static Operand place(String label, long offset) {
        return new Place(label, offset);
    }

    /**
     * The address of a place in the segment that was attached first.
     *
     * @param offset bytes from its start
     * @return the argument
     */
    static Operand place(long offset) {
        return new Place("", offset);
    }

    /**
     * A C string.
     *
     * @param text what it says, in UTF-8
     * @return the argument
     */
    static Operand text(String text) {
        return new Input(new Bytes((text + "\0").getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The address of bytes.
     *
     * @param content what they are
     * @return the argument
     */
    static Operand input(byte[] content) {
        return new Input(new Bytes(content));
    }

    /**
     * The address of room for bytes that come back.
     *
     * @param size how many
     * @return the argument
     */
    static Operand room(int size) {
        return new Room(size);
    }

    /**
     * Room for any structure.
     *
     * @return the argument
     */
    static Operand record() {
        return new Room(RECORD_SIZE);
    }
}
