package io.github.shmkit.internal.sweep.adversarial;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** System calls that the tests make themselves, apart from the code under test. */
final class Kernel {
    static final int IPC_PRIVATE = 0;
    static final int CLONE_NEWNS = 0x20000;

    private static final int O_RDWR_CREAT_EXCL = 02 | 0100 | 0200;
    private static final int O_NONBLOCK = 04000;
    private static final int IPC_CREAT_EXCL_0600 = 01000 | 02000 | 0600;
    private static final int IPC_RMID = 0;
    private static final int IPC_SET = 1;
    private static final int IPC_STAT = 2;
    private static final long MS_REC_PRIVATE = 0x4000 | 0x40000;

    /** The C library; on 64-bit Linux size_t and pointers are {@code long}. */
    interface Libc extends Library {
        int open(byte[] path, int flags, int mode);

        int close(int fd);

        int ftruncate(int fd, long size);

        int unlink(byte[] path);

        int unshare(int flags);

        int mount(String source, String target, String type, long flags, String data);

        int umount2(String target, int flags);

        int mknod(String path, int mode, long device);

        int kill(int pid, int signal);

        int shmget(int key, long size, int flags);

        int shmctl(int id, int command, Pointer buffer);

        Pointer shmat(int id, Pointer address, int flags);

        int shmdt(Pointer address);

        int semget(int key, int count, int flags);

        int semctl(int id, int number, int command, int value);

        int msgget(int key, int flags);

        int msgctl(int id, int command, Pointer buffer);

        int semop(int id, Pointer operations, long count);

        int msgsnd(int id, Pointer message, long size, int flags);

        long msgrcv(int id, Pointer message, long size, long type, int flags);

        int inotify_init1(int flags);

        int inotify_add_watch(int fd, String path, int mask);

        long read(int fd, Pointer buffer, long size);
    }

    static final Libc LIBC = Native.load("c", Libc.class);

    private Kernel() {}

    static int check(String call, int result) {
        if (result < 0) {
            throw new AssertionError(call + " failed with errno " + Native.getLastError());
        }
        return result;
    }

    /** Creates a file of 4096 bytes with any bytes as its name. */
    static RawName createFile(RawName path) {
        int fd = check("open", LIBC.open(terminated(path), O_RDWR_CREAT_EXCL, 0600));
        check("ftruncate", LIBC.ftruncate(fd, 4096));
        LIBC.close(fd);
        return path;
    }

    /** As a cleaner does who wants to know whether it is used, without waiting. */
    static void openReadOnly(Path path) {
        LIBC.close(check("open", LIBC.open(terminated(RawName.of(path.toString())), O_NONBLOCK, 0)));
    }

    static boolean unlink(RawName path) {
        return LIBC.unlink(terminated(path)) == 0;
    }

    private static byte[] terminated(RawName path) {
        byte[] bytes = path.bytes();
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    /** Tells which entries of a directory are opened from now on, by whomever; inotify(7). */
    static final class Opens implements AutoCloseable {
        private static final int IN_OPEN = 0x20;
        private static final int HEADER = 16;

        private final int fd = check("inotify_init1", LIBC.inotify_init1(O_NONBLOCK));

        Opens(Path directory) {
            check("inotify_add_watch", LIBC.inotify_add_watch(fd, directory.toString(), IN_OPEN));
        }

        /** Names of those opened since this was last asked. */
        List<String> names() {
            List<String> names = new ArrayList<>();
            try (Memory events = new Memory(1 << 16)) {
                for (long size; (size = LIBC.read(fd, events, events.size())) > 0; ) {
                    for (long at = 0; at < size; at += HEADER + events.getInt(at + 12)) {
                        names.add(events.getInt(at + 12) == 0 ? "" : events.getString(at + HEADER));
                    }
                }
            }
            return names;
        }

        @Override
        public void close() {
            LIBC.close(fd);
        }
    }

    static int newSegment(int key, long size) {
        return check("shmget", LIBC.shmget(key, size, IPC_CREAT_EXCL_0600));
    }

    static int newSemaphores(int key, int count) {
        return check("semget", LIBC.semget(key, count, IPC_CREAT_EXCL_0600));
    }

    static int newQueue(int key) {
        return check("msgget", LIBC.msgget(key, IPC_CREAT_EXCL_0600));
    }

    /** Whether the list has it. */
    static boolean exists(IpcKind kind, int id) {
        return Inventory.scan(Set.of(kind)).objects().stream()
                .anyMatch(o -> o.identity() instanceof Identity.OfSysv sysv && sysv.id() == id);
    }

    /** Adds 1 to the first semaphore of a set. */
    static void give(int set) {
        try (Memory operation = new Memory(6)) {
            operation.clear();
            operation.setShort(2, (short) 1);
            check("semop", LIBC.semop(set, operation, 1));
        }
    }

    /** Leaves the queue empty. */
    static void sendAndReceive(int queue) {
        try (Memory message = new Memory(16)) {
            message.setLong(0, 1);
            check("msgsnd", LIBC.msgsnd(queue, message, 8, 0));
            check("msgrcv", (int) LIBC.msgrcv(queue, message, 8, 0, 0));
        }
    }

    static void removeSegment(int id) {
        LIBC.shmctl(id, IPC_RMID, Pointer.NULL);
    }

    static void removeSemaphores(int id) {
        LIBC.semctl(id, 0, IPC_RMID, 0);
    }

    static void removeQueue(int id) {
        LIBC.msgctl(id, IPC_RMID, Pointer.NULL);
    }

    /** Leaves a queue without any permission. */
    static void closeQueueToAll(int id) {
        try (Memory row = new Memory(120)) {
            check("msgctl", LIBC.msgctl(id, IPC_STAT, row));
            row.setShort(20, (short) 0);
            check("msgctl", LIBC.msgctl(id, IPC_SET, row));
        }
    }

    /** Gives a segment to another owner; its creator stays. */
    static void giveSegmentTo(int id, int uid) {
        try (Memory row = new Memory(112)) {
            check("shmctl", LIBC.shmctl(id, IPC_STAT, row));
            row.setInt(4, uid);
            check("shmctl", LIBC.shmctl(id, IPC_SET, row));
        }
    }

    /** From now on this thread, and what it starts, sees a /dev/shm of its own that is empty. */
    static void enterPrivateShm(String size) {
        check("unshare", LIBC.unshare(CLONE_NEWNS));
        check("mount", LIBC.mount("none", "/", null, MS_REC_PRIVATE, null));
        check("mount", LIBC.mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777,size=" + size));
    }
}
