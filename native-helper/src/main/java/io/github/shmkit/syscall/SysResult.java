package io.github.shmkit.syscall;

import io.github.shmkit.Bytes;
import io.github.shmkit.ShmException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What a function of the C library returned to a helper, and its errno.
 *
 * @param call the function
 * @param value what it returned; a pointer as a number
 * @param errno the name of the error, for example {@code EACCES}; empty if it returned anything but -1
 * @param bytes what it wrote into the room that it was given, and no more than that; none if it failed
 * @param priority of the message that {@link LibcCall#MQ_RECEIVE} took, and the type of that which {@link LibcCall#MSGRCV}
 *     took; 0 for other functions
 * @since 0.1.0
 */
public record SysResult(LibcCall call, long value, String errno, Bytes bytes, long priority) {
    /**
     * Whether it succeeded.
     *
     * @return false if it returned -1
     */
    public boolean succeeded() {
        return errno.isEmpty();
    }

    /**
     * The value of a call that must have succeeded.
     *
     * @return {@link #value()}
     * @throws ShmException if it failed, naming function and error
     */
    public long orThrow() {
        if (!succeeded()) {
            throw new ShmException(call.function() + " failed in the helper: " + errno);
        }
        return value;
    }

    /**
     * What it wrote, as numbers of 8 bytes.
     *
     * @return in the order that {@code PROTOCOL.md} gives for the function
     */
    public List<Long> numbers() {
        ByteBuffer all = ByteBuffer.wrap(bytes.toArray()).order(ByteOrder.LITTLE_ENDIAN);
        List<Long> numbers = new ArrayList<>();
        while (all.remaining() >= Long.BYTES) {
            numbers.add(all.getLong());
        }
        return numbers;
    }

    private long number(int index) {
        orThrow();
        return numbers().get(index);
    }

    /**
     * What fstat(2) says of a file.
     *
     * @param device number of the file system
     * @param inode number of the file in it
     * @param mode type and permissions
     * @param links number of names
     * @param uid owner
     * @param gid group
     * @param size bytes
     * @param blocks units of 512 bytes that are allocated
     * @since 0.1.0
     */
    public record FileStatus(
            long device, long inode, int mode, long links, long uid, long gid, long size, long blocks) {}

    /**
     * What shmctl(2) says of a segment.
     *
     * @param key its key; 0 for IPC_PRIVATE, and once it is marked for destruction
     * @param uid owner
     * @param gid the owner's group
     * @param creatorUid who made it
     * @param creatorGid the group of who made it
     * @param mode permissions, with {@link Linux#SHM_DEST} and {@link Linux#SHM_LOCKED}
     * @param size bytes, as was asked for
     * @param attachTime of the last shmat(2), in seconds since 1970; 0 if there was none
     * @param detachTime of the last shmdt(2)
     * @param changeTime of its creation or of the last change by shmctl(2)
     * @param creatorPid who made it
     * @param lastPid who attached or detached last
     * @param attaches how often it is attached now
     * @since 0.1.0
     */
    public record SegmentStatus(
            int key,
            long uid,
            long gid,
            long creatorUid,
            long creatorGid,
            int mode,
            long size,
            long attachTime,
            long detachTime,
            long changeTime,
            long creatorPid,
            long lastPid,
            long attaches) {}

    /**
     * What semctl(2) says of a set of semaphores.
     *
     * @param key its key; 0 for IPC_PRIVATE
     * @param uid owner
     * @param gid the owner's group
     * @param creatorUid who made it
     * @param creatorGid the group of who made it
     * @param mode permissions
     * @param size how many semaphores
     * @param operationTime of the last semop(2), in seconds since 1970; 0 if there was none
     * @param changeTime of its creation or of the last change by semctl(2)
     * @since 0.1.0
     */
    public record SemaphoreSetStatus(
            int key,
            long uid,
            long gid,
            long creatorUid,
            long creatorGid,
            int mode,
            long size,
            long operationTime,
            long changeTime) {}

    /**
     * What msgctl(2) says of a message queue.
     *
     * @param key its key; 0 for IPC_PRIVATE
     * @param uid owner
     * @param gid the owner's group
     * @param creatorUid who made it
     * @param creatorGid the group of who made it
     * @param mode permissions
     * @param bytes in the messages that it holds
     * @param messages that it holds
     * @param maxBytes how many bytes it can hold
     * @param sendTime of the last msgsnd(2), in seconds since 1970; 0 if there was none
     * @param receiveTime of the last msgrcv(2)
     * @param changeTime of its creation or of the last change by msgctl(2)
     * @param lastSender who sent last
     * @param lastReceiver who received last
     * @since 0.1.0
     */
    public record MessageQueueStatus(
            int key,
            long uid,
            long gid,
            long creatorUid,
            long creatorGid,
            int mode,
            long bytes,
            long messages,
            long maxBytes,
            long sendTime,
            long receiveTime,
            long changeTime,
            long lastSender,
            long lastReceiver) {}

    /**
     * What {@link LibcCall#SEMCTL} found with IPC_STAT, SEM_STAT or SEM_STAT_ANY.
     *
     * @return the status
     * @throws ShmException if the call failed
     */
    public SemaphoreSetStatus semaphoreSetStatus() {
        return new SemaphoreSetStatus(
                (int) number(0),
                number(1),
                number(2),
                number(3),
                number(4),
                (int) number(5),
                number(7),
                number(8),
                number(9));
    }

    /**
     * What {@link LibcCall#SEMCTL} found with GETALL.
     *
     * @return the value of each semaphore
     * @throws ShmException if the call failed
     */
    public List<Integer> semaphoreValues() {
        orThrow();
        ByteBuffer all = ByteBuffer.wrap(bytes.toArray()).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> values = new ArrayList<>();
        while (all.remaining() >= Short.BYTES) {
            values.add(Short.toUnsignedInt(all.getShort()));
        }
        return values;
    }

    /**
     * What {@link LibcCall#MSGCTL} found with IPC_STAT, MSG_STAT or MSG_STAT_ANY.
     *
     * @return the status
     * @throws ShmException if the call failed
     */
    public MessageQueueStatus messageQueueStatus() {
        return new MessageQueueStatus(
                (int) number(0),
                number(1),
                number(2),
                number(3),
                number(4),
                (int) number(5),
                number(7),
                number(8),
                number(9),
                number(10),
                number(11),
                number(12),
                number(13),
                number(14));
    }

    /**
     * What {@link LibcCall#FSTAT} found.
     *
     * @return the status
     * @throws ShmException if the call failed
     */
    public FileStatus fileStatus() {
        return new FileStatus(
                number(0), number(1), (int) number(2), number(3), number(4), number(5), number(6), number(7));
    }

    /**
     * What {@link LibcCall#SHMCTL} found with IPC_STAT, SHM_STAT or SHM_STAT_ANY.
     *
     * @return the status
     * @throws ShmException if the call failed
     */
    public SegmentStatus segmentStatus() {
        return new SegmentStatus(
                (int) number(0),
                number(1),
                number(2),
                number(3),
                number(4),
                (int) number(5),
                number(7),
                number(8),
                number(9),
                number(10),
                number(11),
                number(12),
                number(13));
    }

    /** As it reads in reports, for example {@code shm_open = -1 EEXIST}. */
    @Override
    public String toString() {
        return call.function() + " = " + value + (succeeded() ? "" : " " + errno);
    }
}
