package io.github.shmkit.internal.trace;

import java.nio.ByteBuffer;

/** The header of a tracer's log; PROTOCOL.md has its fields. */
final class LogHeader {
    static final int SIZE = 128;
    static final int END = 16;
    static final int TRACER = 44;
    static final int ORDER = 48;
    static final int ANSWER = 52;
    static final int TURNS = 56;
    static final int TURN_OF = 64;

    private static final long MAGIC = 0x6563617274636873L;
    private static final int VERSION = 2;
    private static final int VERSION_AT = 8;
    private static final int STATE = 12;
    private static final int ERROR = 40;

    private LogHeader() {}

    /** Whether the bytes begin with one. */
    static boolean isOne(ByteBuffer bytes) {
        return bytes.remaining() >= SIZE && bytes.getLong(0) == MAGIC && bytes.getInt(VERSION_AT) == VERSION;
    }

    static int state(ByteBuffer bytes) {
        return bytes.getInt(STATE);
    }

    static long end(ByteBuffer bytes) {
        return bytes.getLong(END);
    }

    static int error(ByteBuffer bytes) {
        return bytes.getInt(ERROR);
    }

    static int tracer(ByteBuffer bytes) {
        return bytes.getInt(TRACER);
    }
}
