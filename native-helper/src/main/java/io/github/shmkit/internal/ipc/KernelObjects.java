package io.github.shmkit.internal.ipc;

import io.github.shmkit.Bytes;
import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Sync;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.function.LongToIntFunction;
import java.util.function.Supplier;

/**
 * Semaphores and message queues: just created, exclusively, with mode 0600, and removed by their close; or opened, which
 * somebody else removes.
 */
public final class KernelObjects {
    private static final int MODE = 0600;

    private KernelObjects() {}

    /** What the session needs of each that it made, in order to note it, and to give it away. */
    public sealed interface Created permits Semaphore, SemaphoreSet, Queue, Messages {
        Identity identity();

        /** Runs once it is gone. */
        void afterRemoval(Runnable task);

        void close();
    }

    /**
     * A POSIX semaphore.
     *
     * <p>Its file is made by us and not by sem_open(3), which makes one with a random name first: whoever is killed then
     * leaves a file of which no ledger knows.
     */
    public static Semaphore semaphore(int shmDir, String shmPath, String fileName, String label, int value) {
        NewSegment file = NewSegment.file(SegmentKind.POSIX_SHM, shmDir, shmPath, fileName, Sync.SEMAPHORE_SIZE);
        try {
            MappedSegment memory = file.map(label, io.github.shmkit.Fill.ZERO, () -> {});
            Sync.semaphoreInit(memory.nativeAddress(), value);
            return new Semaphore(file.identity(), memory, fileName.replaceFirst("^sem\\.", "/"));
        } catch (RuntimeException | Error e) {
            file.remove();
            throw e;
        }
    }

    /**
     * A POSIX semaphore that somebody made.
     *
     * @throws IllegalArgumentException if no semaphore can have the name
     * @throws ShmException if there is none of the name
     */
    public static Semaphore openSemaphore(String shmPath, String name) {
        String path = shmPath + "/sem." + plain(name);
        return opened("semaphore " + name, () -> {
            int fd = Os.open(path, Os.O_RDWR, 0);
            FileStatus status;
            try {
                status = Os.fstat(fd);
            } finally {
                Os.close(fd);
            }
            SegmentAddress attach = new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, path, Sync.SEMAPHORE_SIZE);
            return new Semaphore(identity(status), AttachedSegment.adopt(name, attach), name);
        });
    }

    /** The name without its slash. */
    private static String plain(String name) {
        if (name.length() < 2 || name.charAt(0) != '/' || name.indexOf('/', 1) >= 0) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of a semaphore or queue: it begins with a slash "
                            + "and has no other, see sem_overview(7) and mq_overview(7)");
        }
        return name.substring(1);
    }

    private static <T> T opened(String what, Supplier<T> opening) {
        try {
            return opening.get();
        } catch (OsException e) {
            throw new ShmException("cannot open " + what + ": " + e.getMessage(), e);
        }
    }

    private static Identity identity(FileStatus status) {
        return new Identity.OfFile(status.device(), status.inode(), status.btimeNanos());
    }

    /** A named semaphore, mapped. */
    public static final class Semaphore extends ClosedOnce implements NamedSemaphore, Created {
        private final Identity identity;
        private final MappedSegment memory;
        private final String name;

        private Semaphore(Identity identity, MappedSegment memory, String name) {
            this.identity = identity;
            this.memory = memory;
            this.name = name;
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
            return call(address -> Sync.semaphoreWait(address, millis));
        }

        /** What it points to is mapped, and there, until the function returns. */
        private int call(LongToIntFunction function) {
            requireOpen();
            ByteBuffer held = memory.place(0, Sync.SEMAPHORE_SIZE);
            try {
                if (!Sync.isBacked(memory.nativeAddress(), Sync.SEMAPHORE_SIZE)) {
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
                Sync.semaphorePost(address);
                return 0;
            });
        }

        @Override
        public int value() {
            return call(Sync::semaphoreValue);
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

    /** Creates something that the kernel counts; says which limits to look at where it refuses. */
    private static int limited(IntSupplier creation, String what, String limits) {
        try {
            return creation.getAsInt();
        } catch (OsException e) {
            if (e.is(Errno.EINVAL, Errno.ENOSPC, Errno.ENOMEM, Errno.EMFILE)) {
                throw new ShmException(
                        "cannot create " + what + ": " + e.getMessage() + "; the kernel's limits are in " + limits, e);
            }
            throw e;
        }
    }

    /** A System V semaphore set, all of them with that value. */
    public static SemaphoreSet semaphoreSet(int key, String label, int size, int value) {
        int id = limited(
                () -> Sync.semaphoreSetCreate(key, size, MODE),
                "a set of " + size + " System V semaphores",
                "/proc/sys/kernel/sem (most in a set, in all, in one call, most sets)");
        try {
            for (int index = 0; index < size && value != 0; index++) {
                Sync.semaphoreSetValue(id, index, value);
            }
            return new SemaphoreSet(setIdentity(id), label, size, true);
        } catch (RuntimeException | Error e) {
            Sync.semaphoreSetRemove(id);
            throw e;
        }
    }

    /** A System V semaphore set that somebody made. */
    public static SemaphoreSet openSemaphoreSet(int id) {
        return opened(
                "semaphore set " + id,
                () -> new SemaphoreSet(
                        setIdentity(id),
                        Integer.toString(id),
                        Sync.semaphoreSetStatus(id).size(),
                        false));
    }

    private static Identity.OfSysv setIdentity(int id) {
        Sync.SetStatus status = Sync.semaphoreSetStatus(id);
        return new Identity.OfSysv(id, status.key(), Os.euid(), status.changed());
    }

    /** A System V semaphore set. */
    public static final class SemaphoreSet extends ClosedOnce implements SysvSemaphoreSet, Created {
        private final Identity.OfSysv identity;
        private final String label;
        private final int size;
        private final boolean ours;

        private SemaphoreSet(Identity.OfSysv identity, String label, int size, boolean ours) {
            this.identity = identity;
            this.label = label;
            this.size = size;
            this.ours = ours;
        }

        @Override
        public Identity identity() {
            return identity;
        }

        @Override
        public int id() {
            return identity.id();
        }

        @Override
        public int key() {
            return identity.key();
        }

        @Override
        public String label() {
            return label;
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
            Patience.insist(
                    "change of " + this, max, millis -> Sync.semaphoreSetChange(id(), index, change, undo, millis));
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
            return Sync.semaphoreSetValue(id(), index);
        }

        @Override
        public void set(int index, int value) {
            check(index);
            Sync.semaphoreSetValue(id(), index, value);
        }

        @Override
        void remove() {
            if (ours) {
                Sync.semaphoreSetRemove(id());
            }
        }

        @Override
        public String toString() {
            return "semaphore set '" + label + "' (id " + identity.id() + ")";
        }
    }

    /** A POSIX message queue that holds so many messages of at most so many bytes. */
    public static Queue queue(String name, String label, int messages, int messageSize) {
        int fd = limited(
                () -> Sync.queueCreate(name, MODE, messages, messageSize),
                "a POSIX queue of " + messages + " messages of " + messageSize + " bytes",
                "/proc/sys/fs/mqueue/msg_max, msgsize_max and queues_max, and `ulimit -q`");
        return new Queue(name, label, fd, new Sync.QueueRoom(messages, messageSize), true);
    }

    /**
     * A POSIX message queue that somebody made.
     *
     * @throws IllegalArgumentException if no queue can have the name
     * @throws ShmException if there is none of the name
     */
    public static Queue openQueue(String name) {
        String unused = plain(name);
        return opened("queue " + name, () -> {
            int fd = Sync.queueOpen(name);
            try {
                return new Queue(name, name, fd, Sync.queueRoom(fd), false);
            } catch (RuntimeException e) {
                Os.close(fd);
                throw e;
            }
        });
    }

    /** A POSIX message queue, open. */
    public static final class Queue extends ClosedOnce implements PosixQueue, Created {
        private final Identity identity;
        private final String name;
        private final String label;
        private final int fd;
        private final Sync.QueueRoom room;
        private final boolean ours;

        private Queue(String name, String label, int fd, Sync.QueueRoom room, boolean ours) {
            this.identity = KernelObjects.identity(Os.fstat(fd));
            this.name = name;
            this.label = label;
            this.fd = fd;
            this.room = room;
            this.ours = ours;
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
                return Sync.queueSend(fd, bytes, priority, millis);
            });
        }

        @Override
        public PosixQueue.Message receive(Duration max) {
            byte[] buffer = new byte[messageSize()];
            int[] priority = new int[1];
            int[] size = new int[1];
            Patience.insist("receive from " + this, max, millis -> {
                requireOpen();
                size[0] = Sync.queueReceive(fd, buffer, priority, millis);
                return Math.max(0, -size[0]);
            });
            return new PosixQueue.Message(new Bytes(Arrays.copyOf(buffer, size[0])), priority[0]);
        }

        @Override
        void remove() {
            if (ours) {
                Sync.queueUnlink(name);
            }
            Os.close(fd);
        }

        @Override
        public String toString() {
            return "queue '" + label + "' (" + name + ")";
        }
    }

    /** A System V message queue. */
    public static Messages messages(int key, String label) {
        int id = limited(() -> Sync.messagesCreate(key, MODE), "a System V message queue", "/proc/sys/kernel/msgmni");
        return messages(id, label, true);
    }

    /** A System V message queue that somebody made. */
    public static Messages openMessages(int id) {
        return opened("message queue " + id, () -> messages(id, Integer.toString(id), false));
    }

    private static Messages messages(int id, String label, boolean ours) {
        Sync.MessagesStatus status = Sync.messagesStatus(id);
        return new Messages(new Identity.OfSysv(id, status.key(), Os.euid(), status.changed()), label, ours);
    }

    /** A System V message queue. */
    public static final class Messages extends ClosedOnce implements SysvQueue, Created {
        private final Identity.OfSysv identity;
        private final String label;
        private final boolean ours;

        private Messages(Identity.OfSysv identity, String label, boolean ours) {
            this.identity = identity;
            this.label = label;
            this.ours = ours;
        }

        @Override
        public Identity identity() {
            return identity;
        }

        @Override
        public int id() {
            return identity.id();
        }

        @Override
        public int key() {
            return identity.key();
        }

        @Override
        public String label() {
            return label;
        }

        @Override
        public void send(long type, byte[] bytes, Duration max) {
            Patience.insist("send to " + this, max, millis -> {
                requireOpen();
                return Sync.messagesSend(id(), type, bytes);
            });
        }

        @Override
        public SysvQueue.Message receive(long type, Duration max) {
            byte[] buffer = new byte[Long.BYTES + MESSAGE_SIZE];
            int[] size = new int[1];
            Patience.insist("receive from " + this, max, millis -> {
                requireOpen();
                size[0] = Sync.messagesReceive(id(), type, buffer);
                return Math.max(0, -size[0]);
            });
            long found = ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder()).getLong();
            return new SysvQueue.Message(
                    found, new Bytes(Arrays.copyOfRange(buffer, Long.BYTES, Long.BYTES + size[0])));
        }

        @Override
        void remove() {
            if (ours) {
                Sync.messagesRemove(id());
            }
        }

        @Override
        public String toString() {
            return "message queue '" + label + "' (id " + identity.id() + ")";
        }
    }
}
