package io.github.shmkit.internal.ipc;

import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.SysvSets;
import java.time.Duration;

/** A System V semaphore set. */
public final class SemaphoreSet extends SysvObject implements SysvSemaphoreSet, KernelObject {
    private final int size;

    private SemaphoreSet(Identity.OfSysv identity, String label, int size, boolean ours) {
        super(identity, label, ours);
        this.size = size;
    }

    /** Creates one, all of its semaphores with that value. */
    public static SemaphoreSet create(int key, String label, int size, int value) {
        int id = KernelObjectCalls.limited(
                () -> SysvSets.create(key, size, KernelObjectCalls.MODE),
                "a set of " + size + " System V semaphores",
                "/proc/sys/kernel/sem (most in a set, in all, in one call, most sets)");
        try {
            for (int index = 0; index < size && value != 0; index++) {
                SysvSets.value(id, index, value);
            }
            return new SemaphoreSet(identity(id), label, size, true);
        } catch (RuntimeException | Error e) {
            SysvSets.remove(id);
            throw e;
        }
    }

    /** One that another process created. */
    public static SemaphoreSet open(int id) {
        return KernelObjectCalls.opened(
                "semaphore set " + id,
                () -> new SemaphoreSet(
                        identity(id), Integer.toString(id), SysvSets.status(id).size(), false));
    }

    private static Identity.OfSysv identity(int id) {
        SysvSets.Status status = SysvSets.status(id);
        return new Identity.OfSysv(id, status.key(), Os.euid(), status.changed());
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void semop(int index, int change, Duration max) {
        change(index, change, false, max);
    }

    @Override
    public void semopUndo(int index, int change, Duration max) {
        change(index, change, true, max);
    }

    private void change(int index, int change, boolean undo, Duration max) {
        check(index);
        Patience.insist("change of " + this, max, millis -> SysvSets.change(id(), index, change, undo, millis));
    }

    private void check(int index) {
        requireOpen();
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(this + " has semaphores 0 to " + (size - 1) + ", not " + index);
        }
    }

    @Override
    public int value(int index) {
        check(index);
        return SysvSets.value(id(), index);
    }

    @Override
    public void set(int index, int value) {
        check(index);
        SysvSets.value(id(), index, value);
    }

    @Override
    void removeById() {
        SysvSets.remove(id());
    }

    @Override
    public String toString() {
        return "semaphore set '" + label() + "' (id " + id() + ")";
    }
}
