package io.github.shmkit.internal.ipc;

/**
 * A semaphore, set or queue: just created, exclusively, with mode 0600, and removed by its close; or opened, which another
 * process removes. This is what a session needs of each that it created, to note it, and to give it away.
 */
public sealed interface KernelObject permits Semaphore, SemaphoreSet, Queue, Messages {
    Identity identity();

    /** Runs once it is gone. */
    void afterRemoval(Runnable task);

    void close();
}
