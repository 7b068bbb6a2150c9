package io.github.shmkit.internal.ipc;

import com.sun.jna.Pointer;

/** What the architecture forbids: its tests are shown to see this. */
final class Planted {
    private Planted() {}

    static final class KnowsJna {
        static long address(Pointer pointer) {
            return Pointer.nativeValue(pointer);
        }
    }
}
