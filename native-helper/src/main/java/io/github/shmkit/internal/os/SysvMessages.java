package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** System V message queues. */
public final class SysvMessages {
    private static final int MSQID_DS_SIZE = 256;

    private SysvMessages() {}

    /** A new queue; EEXIST if the key is taken. */
    public static int create(int key, int mode) {
        return Os.check(
                "msgget",
                "0x" + Integer.toHexString(key),
                SyncLibc.msgget(key, Constants.IPC_CREAT | Constants.IPC_EXCL | mode));
    }

    public static int send(int id, long type, byte[] text) {
        byte[] message = ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.nativeOrder())
                .putLong(type)
                .put(text)
                .array();
        return Waits.error(SyncLibc.msgsnd(id, message, text.length, Constants.IPC_NOWAIT));
    }

    /** Receives into the buffer, whose first 8 bytes get the type: the length of the text, or the negative error number. */
    public static int receive(int id, long type, byte[] buffer) {
        long size = SyncLibc.msgrcv(id, buffer, buffer.length - Long.BYTES, type, Constants.IPC_NOWAIT);
        return size < 0 ? -Native.getLastError() : (int) size;
    }

    public static void remove(int id) {
        SyncLibc.msgctl(id, Constants.IPC_RMID, new byte[MSQID_DS_SIZE]); // gone already is as good
    }

    /**
     * What msgctl(2) knows of a queue.
     *
     * @param key of msgget(2)
     * @param changed seconds since 1970 of its creation, or of the last IPC_SET
     */
    public record Status(int key, long changed) {}

    /** The queue's status; EINVAL if there is none. */
    public static Status status(int id) {
        byte[] status = new byte[MSQID_DS_SIZE];
        Os.check("msgctl", id + ", IPC_STAT", SyncLibc.msgctl(id, Constants.IPC_STAT, status));
        ByteBuffer fields = ByteBuffer.wrap(status).order(ByteOrder.nativeOrder());
        return new Status(fields.getInt(0), fields.getLong(64));
    }
}
