package io.github.shmkit.internal.os;

import java.nio.ByteBuffer;

/** System V semaphore sets. */
public final class SysvSets {
    /** At least as large as on any of our architectures. */
    private static final int SEMID_DS_SIZE = 256;

    private SysvSets() {}

    /** A new set; EEXIST if the key is taken. */
    public static int create(int key, int count, int mode) {
        return Os.check(
                "semget",
                "0x" + Integer.toHexString(key) + ", " + count,
                SyncLibc.semget(key, count, Constants.IPC_CREAT | Constants.IPC_EXCL | mode));
    }

    public static int change(int id, int index, int change, boolean undo, int millis) {
        short flags = (short) ((undo ? Constants.SEM_UNDO : 0) | (millis == 0 ? Constants.IPC_NOWAIT : 0));
        return Waits.error(
                SyncLibc.semtimedop(id, new short[] {(short) index, (short) change, flags}, 1, Waits.span(millis)));
    }

    public static int value(int id, int index) {
        return Os.check("semctl", id + ", GETVAL", SyncLibc.semctl(id, index, Constants.GETVAL, 0));
    }

    public static void value(int id, int index, int value) {
        Os.check("semctl", id + ", SETVAL", SyncLibc.semctl(id, index, Constants.SETVAL, value));
    }

    public static void remove(int id) {
        SyncLibc.semctl(id, 0, Constants.IPC_RMID, 0); // gone already is as good
    }

    /**
     * What semctl(2) knows of a set.
     *
     * @param key of semget(2)
     * @param size how many semaphores it has
     * @param changed seconds since 1970 of its creation, or of the last IPC_SET or SETALL
     */
    public record Status(int key, int size, long changed) {}

    /** The set's status; EINVAL if there is none. */
    public static Status status(int id) {
        boolean aarch64 = System.getProperty("os.arch", "").equals("aarch64");
        try (OffHeap status = new OffHeap(SEMID_DS_SIZE)) {
            Os.check("semctl", id + ", IPC_STAT", SyncLibc.semctl(id, 0, Constants.IPC_STAT, status.address()));
            ByteBuffer fields = status.view();
            return new Status(
                    fields.getInt(0), (int) fields.getLong(aarch64 ? 64 : 80), fields.getLong(aarch64 ? 56 : 64));
        }
    }
}
