/**
 * Shared memory, the processes that share it, and what they did to it.
 *
 * <p>Internal packages are open to the other modules of shmkit only.
 */
module io.github.shmkit {
    requires com.sun.jna;
    requires java.management;
    requires static org.jspecify;

    exports io.github.shmkit;
    exports io.github.shmkit.process;
    exports io.github.shmkit.script;
    exports io.github.shmkit.syscall;
    exports io.github.shmkit.trace;
    exports io.github.shmkit.internal.guard to
            io.github.shmkit.junit,
            io.github.shmkit.maven;
    exports io.github.shmkit.internal.helper to
            io.github.shmkit.junit;
    exports io.github.shmkit.internal.ipc to
            io.github.shmkit.junit,
            io.github.shmkit.maven;
    exports io.github.shmkit.internal.os to
            io.github.shmkit.maven,
            com.sun.jna;
    exports io.github.shmkit.internal.script to
            io.github.shmkit.junit;
    exports io.github.shmkit.internal.session to
            io.github.shmkit.junit,
            io.github.shmkit.maven;
    exports io.github.shmkit.internal.stack to
            io.github.shmkit.junit;
    exports io.github.shmkit.internal.sweep to
            io.github.shmkit.maven;
    exports io.github.shmkit.internal.trace to
            io.github.shmkit.junit;

    // JNA fills structures and binds native methods
    opens io.github.shmkit.internal.os to
            com.sun.jna;
}
