package io.github.shmkit.junit;

import com.tngtech.archunit.core.domain.JavaClass;
import io.github.shmkit.internal.os.Os;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What the architecture forbids: its tests are shown to see this. */
final class Planted {
    private Planted() {}

    static final class BringsALibrary {
        static String name(JavaClass type) {
            return type.getName();
        }
    }

    static final class UsesOs {
        static long user() {
            return Os.euid();
        }
    }

    static final class Prints {
        @SuppressWarnings("SystemOut")
        static void it() {
            System.out.println();
        }
    }

    @SuppressWarnings("deprecation")
    static final class NamesCloseableResource {
        static void close(ExtensionContext.Store.CloseableResource resource) throws Throwable {
            resource.close();
        }
    }
}
