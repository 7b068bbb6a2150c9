package io.github.shmkit.internal.os;

import io.github.shmkit.internal.sweep.Verdict;
import org.junit.jupiter.api.TestInfo;

/** What the architecture forbids: its tests are shown to see this. */
final class Planted {
    private Planted() {}

    static final class UsesSweep {
        static String decision(Verdict verdict) {
            return verdict.reason();
        }
    }

    static final class KnowsJunit {
        static String name(TestInfo test) {
            return test.getDisplayName();
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
            System.exit(0);
        }
    }
}
