/** A JUnit extension that gives tests shared memory, other processes to share it with, and faults. */
module io.github.shmkit.junit {
    requires transitive awaitility;
    requires transitive io.github.shmkit;
    requires transitive org.hamcrest;
    requires transitive org.junit.jupiter.api;
    requires java.management;
    requires org.junit.platform.commons;
    requires org.opentest4j;
    requires static org.jspecify;

    exports io.github.shmkit.junit;

    provides org.junit.jupiter.api.extension.Extension with
            io.github.shmkit.junit.ShmExtension;

    // JUnit makes the extension
    opens io.github.shmkit.junit to
            org.junit.platform.commons;
}
