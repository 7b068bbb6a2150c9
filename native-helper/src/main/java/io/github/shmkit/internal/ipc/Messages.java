package io.github.shmkit.internal.ipc;

import io.github.shmkit.Bytes;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.SysvMessages;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;

/** A System V message queue. */
public final class Messages extends SysvObject implements SysvQueue, KernelObject {
    private Messages(Identity.OfSysv identity, String label, boolean ours) {
        super(identity, label, ours);
    }

    /** Creates one. */
    public static Messages create(int key, String label) {
        int id = KernelObjectCalls.limited(
                () -> SysvMessages.create(key, KernelObjectCalls.MODE),
                "a System V message queue",
                "/proc/sys/kernel/msgmni");
        return of(id, label, true);
    }

    /** One that another process created. */
    public static Messages open(int id) {
        return KernelObjectCalls.opened("message queue " + id, () -> of(id, Integer.toString(id), false));
    }

    private static Messages of(int id, String label, boolean ours) {
        SysvMessages.Status status = SysvMessages.status(id);
        return new Messages(new Identity.OfSysv(id, status.key(), Os.euid(), status.changed()), label, ours);
    }

    @Override
    public void send(long type, byte[] bytes, Duration max) {
        Patience.insist("send to " + this, max, millis -> {
            requireOpen();
            return SysvMessages.send(id(), type, bytes);
        });
    }

    @Override
    public SysvQueue.Message receive(long type, Duration max) {
        byte[] buffer = new byte[Long.BYTES + MESSAGE_SIZE];
        int[] size = new int[1];
        Patience.insist("receive from " + this, max, millis -> {
            requireOpen();
            size[0] = SysvMessages.receive(id(), type, buffer);
            return Math.max(0, -size[0]);
        });
        long found = ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder()).getLong();
        return new SysvQueue.Message(found, new Bytes(Arrays.copyOfRange(buffer, Long.BYTES, Long.BYTES + size[0])));
    }

    @Override
    void removeById() {
        SysvMessages.remove(id());
    }

    @Override
    public String toString() {
        return "message queue '" + label() + "' (id " + id() + ")";
    }
}
