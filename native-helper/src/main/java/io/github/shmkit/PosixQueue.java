package io.github.shmkit;

import java.time.Duration;

/**
 * A POSIX message queue, see mq_overview(7).
 *
 * @since 0.1.0
 */
public interface PosixQueue extends AutoCloseable {
    /** How many messages a new queue holds if nobody says; more than that needs a privilege on most machines. */
    int MESSAGES = 10;

    /** How many bytes each of its messages can have if nobody says. */
    int MESSAGE_SIZE = 8192;

    /**
     * A message.
     *
     * @param bytes what it says
     * @param priority 0 to 32767
     * @since 0.1.0
     */
    record Message(Bytes bytes, int priority) {}

    /**
     * The name for mq_open(3).
     *
     * @return with its leading slash
     */
    String name();

    /**
     * The name in reports.
     *
     * @return never empty
     */
    String label();

    /**
     * How many messages it holds.
     *
     * @return at least 1
     */
    int messages();

    /**
     * How many bytes each of its messages can have.
     *
     * @return at least 1
     */
    int messageSize();

    /**
     * Sends a message.
     *
     * @param bytes what it says, at most {@link #messageSize()}
     * @param priority 0 to 32767; higher ones are received first
     * @param max how long to wait for room at most
     * @throws ShmException if there was none within the time, or this thread is interrupted; it stays so
     */
    void send(byte[] bytes, int priority, Duration max);

    /**
     * Receives the oldest message of the highest priority.
     *
     * @param max how long to wait at most
     * @return the message
     * @throws ShmException if none came within the time, or this thread is interrupted; it stays so
     */
    Message receive(Duration max);

    /** Removes it; whoever has it open keeps it until he closes it. */
    @Override
    void close();
}
