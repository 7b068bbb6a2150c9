package io.github.shmkit.internal.os;

import com.sun.jna.Native;

/** POSIX message queues. */
public final class PosixQueues {
    private PosixQueues() {}

    /** A new queue's descriptor. */
    public static int create(String name, int mode, int messages, int size) {
        return Os.check(
                "mq_open",
                name,
                SyncLibc.mq_open(Os.cString(name), Os.O_RDWR | Os.O_CREAT | Os.O_EXCL | Os.O_CLOEXEC, mode, new long[] {
                    0, messages, size, 0, 0, 0, 0, 0
                }));
    }

    /** A descriptor of a queue that somebody made. */
    public static int open(String name) {
        return Os.check("mq_open", name, SyncLibc.mq_open(Os.cString(name), Os.O_RDWR | Os.O_CLOEXEC, 0, new long[8]));
    }

    /**
     * What a queue can hold.
     *
     * @param messages how many
     * @param messageSize bytes of each, at most
     */
    public record Room(int messages, int messageSize) {}

    public static Room room(int queue) {
        long[] how = new long[8];
        Os.check("mq_getattr", Integer.toString(queue), SyncLibc.mq_getattr(queue, how));
        return new Room((int) how[1], (int) how[2]);
    }

    public static int send(int queue, byte[] message, int priority, int millis) {
        return Waits.error(SyncLibc.mq_timedsend(queue, message, message.length, priority, Waits.until(millis)));
    }

    /** Receives into the buffer: its length, or the negative error number; the priority goes where it is told. */
    public static int receive(int queue, byte[] buffer, int[] priority, int millis) {
        long size = SyncLibc.mq_timedreceive(queue, buffer, buffer.length, priority, Waits.until(millis));
        return size < 0 ? -Native.getLastError() : (int) size;
    }

    public static void unlink(String name) {
        SyncLibc.mq_unlink(Os.cString(name)); // gone already is as good
    }
}
