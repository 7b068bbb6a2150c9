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
    private static final int HEADER = 19;

    private final int fd;
    private final Memory memory = new Memory(BUFFER_SIZE);
    private final ByteBuffer buffer = memory.getByteBuffer(0, BUFFER_SIZE).order(ByteOrder.nativeOrder());
    private int filled;
    private int at;
    private byte[] next = {};
    private boolean ended;

    DirectoryListing(int fd) {
        this.fd = fd;
        advance();
    }

    private void advance() {
        do {
            if (at == filled && !fillBuffer()) {
                return;
            }
            int length = buffer.getShort(at + 16) & 0xffff;
            int name = at + HEADER;
            int size = 0;
            while (buffer.get(name + size) != 0) {
                size++;
            }
            next = new byte[size];
            buffer.get(name, next);
            at += length;
        } while (next[0] == '.' && (next.length == 1 || (next.length == 2 && next[1] == '.')));
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
