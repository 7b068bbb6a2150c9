package io.github.shmkit.maven.internal;

import com.sun.jna.Pointer;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.maven.CleanMojo;
import org.apache.maven.plugin.AbstractMojo;

/** What the architecture forbids: its tests are shown to see this. */
final class Planted {
    private Planted() {}

    static final class KnowsJna {
        static long address(Pointer pointer) {
            return Pointer.nativeValue(pointer);
        }
    }

    static final class UsesOs {
        static long user() {
            return Os.euid();
        }
    }

    static final class KnowsMaven {
        static Object log(AbstractMojo mojo) {
            return mojo.getLog();
        }
    }

    static final class KnowsItsUser {
        static int hash(CleanMojo mojo) {
            return mojo.hashCode();
        }
    }

    static final class Prints {
        @SuppressWarnings("SystemOut")
        static void it() {
            System.out.println();
        }
    }

    static final class Exits {
        static void now() {
            Runtime.getRuntime().halt(0);
        }
    }
}
