package io.github.shmkit.internal.os;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The entries of a directory by getdents64(2); closes its descriptor at the end of the listing. */
final class DirectoryListing implements Iterator<byte[]> {
    private static final int BUFFER_SIZE = 1 << 16;
    /** Where struct linux_dirent64 has the length of the entry, and its name. */
    private static final int LENGTH = 16;

    private static final int HEADER = 19;

    private final int fd;
    private final byte[] prefix;
    private final Memory memory = new Memory(BUFFER_SIZE);
    private final ByteBuffer buffer = memory.getByteBuffer(0, BUFFER_SIZE).order(ByteOrder.nativeOrder());
    private int filled;
    private int at;
    private byte[] next = {};
    private boolean ended;

    DirectoryListing(int fd, byte[] prefix) {
        this.fd = fd;
        this.prefix = prefix;
        advance();
    }

    private void advance() {
        int name;
        int length;
        do {
            if (at == filled && !fillBuffer()) {
                return;
            }
            name = at + HEADER;
            at += buffer.getShort(at + LENGTH) & 0xffff;
            // Most entries of a full directory are not asked for, and cost no more than this look.
            length = hasPrefix(name) ? length(name) : 0;
        } while (length == 0 || isDots(name, length));
        next = new byte[length];
        buffer.get(name, next);
    }

    /** A shorter name ends with a 0 that no prefix has. */
    private boolean hasPrefix(int name) {
        for (int i = 0; i < prefix.length; i++) {
            if (buffer.get(name + i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private int length(int name) {
        int length = 0;
        while (buffer.get(name + length) != 0) {
            length++;
        }
        return length;
    }

    private boolean isDots(int name, int length) {
        return buffer.get(name) == '.' && (length == 1 || (length == 2 && buffer.get(name + 1) == '.'));
    }

    private boolean fillBuffer() {
        filled = (int) Libc.getdents64(fd, Pointer.nativeValue(memory), BUFFER_SIZE);
        at = 0;
        if (filled > 0) {
            return true;
        }
        ended = true;
        try {
            if (filled < 0 && Native.getLastError() != Errno.ENOENT) { // ENOENT: the directory itself was removed
                Os.check("getdents64", "", filled);
            }
        } finally {
            Os.close(fd);
        }
        return false;
    }

    @Override
    public boolean hasNext() {
        return !ended;
    }

    @Override
    public byte[] next() {
        if (ended) {
            throw new NoSuchElementException();
        }
        byte[] result = next;
        advance();
        return result;
    }
}
