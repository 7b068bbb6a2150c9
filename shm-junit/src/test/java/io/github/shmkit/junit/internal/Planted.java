package io.github.shmkit.junit.internal;

import io.github.shmkit.junit.LeakPolicy;

/** What the architecture forbids: its tests are shown to see this. */
final class Planted {
    private Planted() {}

    static final class KnowsItsUser {
        static String name(LeakPolicy policy) {
            return policy.name();
        }
    }
}
