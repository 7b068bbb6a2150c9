package io.github.shmkit.internal.ipc;

import io.github.shmkit.Bytes;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.PosixQueues;
import java.time.Duration;
import java.util.Arrays;

/** A POSIX message queue, open. */
public final class Queue extends ClosedOnce implements PosixQueue, KernelObject {
    private final Identity identity;
    private final String name;
    private final String label;
    private final int fd;
    private final PosixQueues.Room room;
    private final boolean ours;

    private Queue(String name, String label, int fd, PosixQueues.Room room, boolean ours) {
        this.identity = KernelObjectCalls.identity(Os.fstat(fd));
        this.name = name;
        this.label = label;
        this.fd = fd;
        this.room = room;
        this.ours = ours;
    }

    /** Creates one that holds so many messages of at most so many bytes. */
    public static Queue create(String name, String label, int messages, int messageSize) {
        int fd = KernelObjectCalls.limited(
                () -> PosixQueues.create(name, KernelObjectCalls.MODE, messages, messageSize),
                "a POSIX queue of " + messages + " messages of " + messageSize + " bytes",
                "/proc/sys/fs/mqueue/msg_max, msgsize_max and queues_max, and `ulimit -q`");
        return new Queue(name, label, fd, new PosixQueues.Room(messages, messageSize), true);
    }

    /**
     * One that another process created.
     *
     * @throws IllegalArgumentException if no queue can have the name
     * @throws ShmException if there is none of the name
     */
    public static Queue open(String name) {
        String unused = KernelObjectCalls.plain(name);
        return KernelObjectCalls.opened("queue " + name, () -> {
            int fd = PosixQueues.open(name);
            try {
                return new Queue(name, name, fd, PosixQueues.room(fd), false);
            } catch (RuntimeException e) {
                Os.close(fd);
                throw e;
            }
        });
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public int messages() {
        return room.messages();
    }

    @Override
    public int messageSize() {
        return room.messageSize();
    }

    @Override
    public void send(byte[] bytes, int priority, Duration max) {
        Patience.insist("send to " + this, max, millis -> {
            requireOpen();
            return PosixQueues.send(fd, bytes, priority, millis);
        });
    }

    @Override
    public PosixQueue.Message receive(Duration max) {
        byte[] buffer = new byte[messageSize()];
        int[] priority = new int[1];
        int[] size = new int[1];
        Patience.insist("receive from " + this, max, millis -> {
            requireOpen();
            size[0] = PosixQueues.receive(fd, buffer, priority, millis);
            return Math.max(0, -size[0]);
        });
        return new PosixQueue.Message(new Bytes(Arrays.copyOf(buffer, size[0])), priority[0]);
    }

    @Override
    void remove() {
        if (ours) {
            PosixQueues.unlink(name);
        }
        Os.close(fd);
    }

    @Override
    public String toString() {
        return "queue '" + label + "' (" + name + ")";
    }
}
