package io.github.shmkit;

import java.nio.charset.StandardCharsets;

/**
 * An argument of a {@link LibcCall}.
 *
 * @since 0.1.0
 */
public sealed interface Operand permits Operand.Constant, Operand.Place, Operand.Input, Operand.Room, Script.Var {
    /**
     * A number; also an address that is known.
     *
     * @param value it
     */
    record Constant(long value) implements Operand {}

    /**
     * The address of a place in an attached segment.
     *
     * @param label of the segment; {@link Instruction#FIRST_SEGMENT} for the one that was attached first
     * @param offset bytes from its start
     */
    record Place(String label, long offset) implements Operand {}

    /**
     * The address of bytes that go with the script.
     *
     * @param content what they are; a C string needs its NUL
     */
    record Input(ScriptResult.Bytes content) implements Operand {}

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
     * A C string.
     *
     * @param text what it says, in UTF-8
     * @return the argument
     */
    static Operand text(String text) {
        return new Input(new ScriptResult.Bytes((text + "\0").getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The address of bytes.
     *
     * @param content what they are
     * @return the argument
     */
    static Operand input(byte[] content) {
        return new Input(new ScriptResult.Bytes(content));
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
