package io.github.shmkit.internal.ipc;

import io.github.shmkit.Fill;
import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.PosixSemaphores;
import io.github.shmkit.internal.os.Sync;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongToIntFunction;

/** A POSIX named semaphore, mapped. */
public final class Semaphore extends ClosedOnce implements NamedSemaphore, KernelObject {
    private final Identity identity;
    private final MappedSegment memory;
    private final String name;

    private Semaphore(Identity identity, MappedSegment memory, String name) {
        this.identity = identity;
        this.memory = memory;
        this.name = name;
    }

    /**
     * Creates one.
     *
     * <p>Its file is made by us and not by sem_open(3), which makes one with a random name first: whoever is killed then
     * leaves a file of which no ledger knows.
     */
    public static Semaphore create(int shmDir, String shmPath, String fileName, String label, int value) {
        NewSegment file = NewSegment.file(SegmentKind.POSIX_SHM, shmDir, shmPath, fileName, PosixSemaphores.SIZE);
        try {
            MappedSegment memory = file.map(label, Fill.ZERO, () -> {});
            PosixSemaphores.init(memory.nativeAddress(), value);
            return new Semaphore(file.identity(), memory, fileName.replaceFirst("^sem\\.", "/"));
        } catch (RuntimeException | Error e) {
            file.remove();
            throw e;
        }
    }

    /**
     * One that another process created.
     *
     * @throws IllegalArgumentException if no semaphore can have the name
     * @throws ShmException if there is none of the name
     */
    public static Semaphore open(String shmPath, String name) {
        String path = shmPath + "/sem." + KernelObjectCalls.plain(name);
        return KernelObjectCalls.opened("semaphore " + name, () -> {
            int fd = Os.open(path, Os.O_RDWR, 0);
            FileStatus status;
            try {
                status = Os.fstat(fd);
            } finally {
                Os.close(fd);
            }
            SegmentAddress attach = new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, path, PosixSemaphores.SIZE);
            return new Semaphore(KernelObjectCalls.identity(status), AttachedSegment.adopt(name, attach), name);
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
        return memory.label();
    }

    @Override
    public void acquire(Duration max) {
        Patience.insist("acquire of " + this, max, this::attempt);
    }

    @Override
    public boolean tryAcquire() {
        return attempt(0) == 0;
    }

    private int attempt(int millis) {
        return call(address -> PosixSemaphores.await(address, millis));
    }

    /** What it points to is mapped, and there, until the function returns. */
    private int call(LongToIntFunction function) {
        requireOpen();
        ByteBuffer held = memory.place(0, PosixSemaphores.SIZE);
        try {
            if (!Sync.isBacked(memory.nativeAddress(), PosixSemaphores.SIZE)) {
                throw new InternalError(this + " lies behind the end of its file, which was truncated");
            }
            return function.applyAsInt(memory.nativeAddress());
        } finally {
            Reference.reachabilityFence(held);
        }
    }

    @Override
    public void release() {
        int unused = call(address -> {
            PosixSemaphores.post(address);
            return 0;
        });
    }

    @Override
    public int value() {
        return call(PosixSemaphores::value);
    }

    @Override
    void remove() {
        memory.close();
    }

    @Override
    public String toString() {
        return "semaphore '" + label() + "' (" + name + ")";
    }
}
