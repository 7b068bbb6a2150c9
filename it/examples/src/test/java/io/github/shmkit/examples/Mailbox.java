package io.github.shmkit.examples;

import java.nio.ByteBuffer;

/** The code under test: one message, of which the length is written first and the flag last. */
final class Mailbox {
    static final int FLAG = 0;
    static final int LENGTH = 4;
    static final int BODY = 8;
    static final int READY = 1;

    private final ByteBuffer memory;

    /** What was found after a writer's death. */
    enum Recovery {
        EMPTY,
        CLEARED,
        MESSAGE
    }

    Mailbox(ByteBuffer memory) {
        this.memory = memory;
    }

    /** Takes away what a dead writer did not finish. */
    Recovery recover() {
        if (memory.getInt(FLAG) == READY) {
            return Recovery.MESSAGE;
        }
        if (memory.getInt(LENGTH) == 0) {
            return Recovery.EMPTY;
        }
        for (int i = 0; i < memory.capacity(); i++) {
            memory.put(i, (byte) 0);
        }
        return Recovery.CLEARED;
    }
}
