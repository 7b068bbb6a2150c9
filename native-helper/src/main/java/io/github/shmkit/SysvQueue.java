package io.github.shmkit;

import java.time.Duration;

/**
 * A System V message queue, see msgop(2).
 *
 * @since 0.1.0
 */
public interface SysvQueue extends AutoCloseable {
    /** How many bytes a message can have. */
    int MESSAGE_SIZE = 8192;

    /**
     * A message.
     *
     * @param type at least 1
     * @param bytes what it says
     * @since 0.1.0
     */
    record Message(long type, Bytes bytes) {}

    /**
     * Its id.
     *
     * @return for msgsnd(2)
     */
    int id();

    /**
     * Its key.
     *
     * @return for msgget(2), never IPC_PRIVATE
     */
    int key();

    /**
     * The name in reports.
     *
     * @return never empty
     */
    String label();

    /**
     * Sends a message.
     *
     * @param type at least 1
     * @param bytes what it says, at most {@link #MESSAGE_SIZE}
     * @param max how long to wait for room at most
     * @throws ShmException if there was none within the time, or this thread is interrupted; it stays so
     */
    void send(long type, byte[] bytes, Duration max);

    /**
     * Receives a message.
     *
     * @param type of it; 0 for the oldest of any, negative for the lowest up to the absolute value
     * @param max how long to wait at most
     * @return the message
     * @throws ShmException if none came within the time, or this thread is interrupted; it stays so
     */
    Message receive(long type, Duration max);

    /** Removes it; who waits for it gets EIDRM. */
    @Override
    void close();
}
