package io.github.shmkit.internal.ipc;

/** Something that is removed by its first close. */
abstract class ClosedOnce {
    private Runnable after = () -> {};
    private boolean open = true;

    /** Runs once it is gone. */
    public synchronized void afterRemoval(Runnable task) {
        after = task;
    }

    public synchronized void close() {
        if (open) {
            open = false;
            remove();
            after.run();
        }
    }

    abstract void remove();

    synchronized void requireOpen() {
        if (!open) {
            throw new IllegalStateException(this + " is closed: its test or class has ended");
        }
    }
}
