package io.github.shmkit.internal.session;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32;

/**
 * Reads a ledger's lines field by field, in place: a sweep may meet two hundred thousand of them.
 *
 * <p>Every reader throws {@link IllegalArgumentException} for a field that is missing or malformed.
 */
final class LedgerLine {
    private static final int CRC_LENGTH = 8;
    private static final long LAST_SEQ = 1L << 26;
    private static final IpcKind[] KINDS = IpcKind.values();
    private static final byte[][] KIND_NAMES = Arrays.stream(KINDS)
            .map(kind -> kind.name().getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private final byte[] bytes;
    private final CRC32 crc = new CRC32();
    /** Where the next line begins. */
    private int next;
    /** The rest of this line: the next field, and the end of the last one. */
    private int at;

    private int end;
    /** The field that was read last. */
    private int from;

    private int to;

    LedgerLine(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Goes on to the next line, and checks it; false behind the last whole one.
     *
     * @throws LedgerContents.UnreadableException if it is not as it was written
     */
    boolean next() throws LedgerContents.UnreadableException {
        int start = next;
        while (start < bytes.length && bytes[start] == 0) {
            start++; // a hole, or preallocated space
        }
        int newline = start;
        while (newline < bytes.length && bytes[newline] != '\n') {
            newline++;
        }
        if (newline >= bytes.length) {
            return false; // the writer died in the middle of its last record: it never took effect
        }
        next = newline + 1;
        at = start;
        end = newline - CRC_LENGTH - 1;
        if (end <= start || bytes[end] != ' ') {
            throw new LedgerContents.UnreadableException("a record is damaged");
        }
        crc.reset();
        crc.update(bytes, start, end - start);
        for (int i = 0; i < CRC_LENGTH; i++) {
            int digit = (int) (crc.getValue() >>> (4 * (CRC_LENGTH - 1 - i))) & 0xf;
            if (bytes[end + 1 + i] != "0123456789abcdef".charAt(digit)) {
                throw new LedgerContents.UnreadableException("a record is damaged");
            }
        }
        return true;
    }

    boolean isAtEnd() {
        return at > end;
    }

    /** There may be no more fields. */
    void end() {
        if (!isAtEnd()) {
            throw new IllegalArgumentException("a record has too many fields");
        }
    }

    private void field() {
        if (isAtEnd()) {
            throw new IllegalArgumentException("a record has too few fields");
        }
        from = at;
        to = at;
        while (to < end && bytes[to] != ' ') {
            to++;
        }
        at = to + 1;
    }

    char letter() {
        field();
        if (to - from != 1) {
            throw new IllegalArgumentException("not a letter");
        }
        return (char) bytes[from];
    }

    String word() {
        field();
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Decimal digits; what takes all 64 bits is negative here. */
    long number() {
        return number(10);
    }

    int integer() {
        return (int) upTo(Integer.MAX_VALUE, number());
    }

    /** Of an object; no JVM creates as many. */
    long seq() {
        return upTo(LAST_SEQ, number());
    }

    /** Of a process that is not the first one of a namespace. */
    int pid() {
        int pid = integer();
        if (pid < 2) {
            throw new IllegalArgumentException("not the pid of a helper");
        }
        return pid;
    }

    /** 32 bits in hexadecimal. */
    int hex() {
        return (int) upTo(0xffff_ffffL, number(16));
    }

    private static long upTo(long max, long value) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("a number is too large");
        }
        return value;
    }

    private long number(int radix) {
        field();
        if (from == to) {
            throw new IllegalArgumentException("no number");
        }
        long limit = Long.divideUnsigned(-1, radix);
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit((char) (bytes[i] & 0xff), radix);
            if (digit < 0
                    || Long.compareUnsigned(value, limit) > 0
                    || Long.compareUnsigned(value * radix, -1 - digit) > 0) {
                throw new IllegalArgumentException("not a number of 64 bits");
            }
            value = value * radix + digit;
        }
        return value;
    }

    IpcKind kind() {
        field();
        for (int i = 0; i < KINDS.length; i++) {
            if (Arrays.equals(bytes, from, to, KIND_NAMES[i], 0, KIND_NAMES[i].length)) {
                return KINDS[i];
            }
        }
        throw new IllegalArgumentException("unknown kind");
    }

    /** That of these which the letter stands for. */
    <C extends LedgerContents.Coded> C coded(C[] all) {
        char letter = letter();
        for (C one : all) {
            if (one.code() == letter) {
                return one;
            }
        }
        throw new IllegalArgumentException("unknown letter");
    }

    /** Whether a System V object is spoken of, V, or a file, F. */
    boolean isSysv() {
        char form = letter();
        if (form != 'V' && form != 'F') {
            throw new IllegalArgumentException("neither a file nor System V");
        }
        return form == 'V';
    }

    private byte[] base64() {
        return Base64.getUrlDecoder().decode(Arrays.copyOfRange(bytes, from, to));
    }

    RawName name() {
        field();
        byte[] name = base64();
        if (name.length == 0 || hasNul(name)) {
            throw new IllegalArgumentException("not a name");
        }
        return RawName.of(name);
    }

    private static boolean hasNul(byte[] name) {
        for (byte b : name) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    /** In base64, or a minus for none. */
    String text() {
        field();
        return to - from == 1 && bytes[from] == '-' ? "" : new String(base64(), StandardCharsets.UTF_8);
    }

    /** Device, inode and birth time. */
    Identity file() {
        return new Identity.OfFile(number(), number(), number());
    }

    /** Id, key, creator and change time. */
    Identity sysv() {
        return new Identity.OfSysv(integer(), hex(), number(), number());
    }
}
