package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Native memory of zeros until its close; JNA's own can be closed only since JNA 5.12. */
final class OffHeap implements AutoCloseable {
    private final long address;
    private final ByteBuffer view;

    OffHeap(int size) {
        address = Native.malloc(Math.max(1, size));
        if (address == 0) {
            throw new OutOfMemoryError("malloc of " + size + " bytes");
        }
        Pointer memory = new Pointer(address);
        memory.clear(size);
        view = memory.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
    }

    long address() {
        return address;
    }

    ByteBuffer view() {
        return view;
    }

    @Override
    public void close() {
        Native.free(address);
    }
}
