package io.github.shmkit.internal.ipc;

import io.github.shmkit.Fill;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.FileSystem;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.ShmStatus;
import java.util.function.LongConsumer;

/** An object that was just created, exclusively, with mode 0600 and its whole size allocated; not mapped yet. */
public final class NewSegment {
    private static final int MODE = 0600;
    private static final byte POISON = (byte) 0xa5;
    private static final int NO_FD = -1;
    /** More is not tried before it is certain to fit: it would take the room of others until the kernel gives up. */
    private static final long TRIED_AT_ONCE = 1 << 20;

    private final SegmentKind kind;
    private final long size;
    private final Identity identity;
    private final SegmentAddress address;
    private final Name name;
    private final LongConsumer mapAt;
    private int fd;

    /** By which others can find the object. */
    private interface Name {
        void remove();

        /** Removes it too, and tells whether the kernel said that nobody has the object open or mapped any more. */
        boolean removeAndAsk(Identity of);
    }

    private NewSegment(
            SegmentKind kind,
            long size,
            Identity identity,
            SegmentAddress address,
            int fd,
            LongConsumer mapAt,
            Name name) {
        this.kind = kind;
        this.size = size;
        this.identity = identity;
        this.address = address;
        this.fd = fd;
        this.mapAt = mapAt;
        this.name = name;
    }

    /** A file in a directory: of /dev/shm for a POSIX object, or any other for a mapped file. */
    public static NewSegment file(SegmentKind kind, int dir, String dirPath, String name, long size) {
        if (size > TRIED_AT_ONCE) {
            requireSpace(kind, dirPath, size);
        }
        int fd = Os.openat(dir, name, Os.O_RDWR | Os.O_CREAT | Os.O_EXCL | Os.O_NOFOLLOW, MODE);
        try {
            return allocated(kind, fd, size, dirPath + "/" + name, new FileName(dir, name));
        } catch (OsException e) {
            if (e.is(Errno.ENOSPC, Errno.ENOMEM)) {
                requireSpace(kind, dirPath, size); // which says how much there is
                throw full(kind, dirPath, size, e);
            }
            throw e;
        }
    }

    /** An anonymous file, which peers reach by way of our descriptor. */
    public static NewSegment memfd(String name, long size) {
        requireMemory(SegmentKind.MEMFD, size);
        int fd = Os.memfd(name);
        try {
            return allocated(SegmentKind.MEMFD, fd, size, ProcFs.self() + "/fd/" + fd, NO_NAME);
        } catch (OsException e) {
            throw e.is(Errno.ENOSPC, Errno.ENOMEM) ? full(SegmentKind.MEMFD, "memory", size, e) : e;
        }
    }

    private static NewSegment allocated(SegmentKind kind, int fd, long size, String path, Name name) {
        try {
            Os.allocate(fd, size);
            FileStatus status = Os.fstat(fd);
            long pages = wholePages(size);
            return new NewSegment(
                    kind,
                    size,
                    new Identity.OfFile(status.device(), status.inode(), status.btimeNanos()),
                    new SegmentAddress.ByPath(kind, path, size),
                    fd,
                    address -> Os.mapShared(address, pages, fd),
                    name);
        } catch (OsException e) {
            Os.close(fd);
            name.remove();
            throw e;
        }
    }

    /** A System V segment; the key is random, so that a segment whose id was never noted can still be found. */
    public static NewSegment sysv(int key, long size) {
        int id;
        try {
            id = Os.shmCreate(key, size, MODE);
        } catch (OsException e) {
            throw switch (e.errno()) {
                case Errno.ENOSPC ->
                    new ShmException(
                            "cannot create a System V segment of " + size
                                    + " bytes: all ids (kernel.shmmni) or all pages (kernel.shmall) are taken; `ipcs -m` "
                                    + "shows by whom, `mvn shm:clean` removes what dead sessions left",
                            e);
                case Errno.EINVAL ->
                    new ShmException(
                            "cannot create a System V segment of " + size
                                    + " bytes: more than kernel.shmmax allows, see " + "`cat /proc/sys/kernel/shmmax`",
                            e);
                case Errno.ENOMEM -> full(SegmentKind.SYSV_SHM, "memory", size, e);
                default -> e;
            };
        }
        ShmStatus status = statusOfNew(id);
        long pages = wholePages(size);
        return new NewSegment(
                SegmentKind.SYSV_SHM,
                size,
                new Identity.OfSysv(id, key, status.creatorUid(), status.ctimeSeconds()),
                new SegmentAddress.BySysv(id, key, size),
                NO_FD,
                address -> Os.shmAttach(id, address, pages),
                new SysvId(id));
    }

    private static ShmStatus statusOfNew(int id) {
        try {
            return Os.shmStat(id)
                    .orElseThrow(
                            () -> new ShmException("System V segment " + id + " was removed as soon as it was made"));
        } catch (OsException e) {
            Os.shmRemove(id);
            throw e;
        }
    }

    private static long wholePages(long size) {
        long page = Os.pageSize();
        return (size + page - 1) / page * page;
    }

    private static void requireSpace(SegmentKind kind, String directory, long size) {
        FileSystem fileSystem = Os.statfs(directory);
        if (size > fileSystem.available()) {
            throw new ShmException("cannot create a " + kind + " of " + size + " bytes: " + directory + " holds "
                    + fileSystem.size() + " bytes, of which " + fileSystem.available()
                    + " are free; ask for less, or free some (`mvn shm:list -Dshm.all` shows what fills it)");
        }
        if (fileSystem.isTmpfs()) {
            requireMemory(kind, size);
        }
    }

    /** Allocating more than there is would not fail but wake the kernel's out-of-memory killer. */
    private static void requireMemory(SegmentKind kind, long size) {
        if (size < 1L << 26) {
            return; // not worth reading /proc/meminfo for
        }
        long available = ProcFs.memoryAvailable().orElse(Long.MAX_VALUE);
        if (size > available) {
            throw new ShmException("cannot create a " + kind + " of " + size + " bytes: only " + available
                    + " bytes of memory are available on this machine; ask for less");
        }
    }

    private static ShmException full(SegmentKind kind, String where, long size, OsException cause) {
        return new ShmException(
                "cannot create a " + kind + " of " + size + " bytes: " + where
                        + " is full; ask for less, or free some (`mvn shm:list -Dshm.all` shows what fills it)",
                cause);
    }

    public Identity identity() {
        return identity;
    }

    /**
     * Maps it.
     *
     * @param afterRemoval runs once the object and its name are gone, when the segment is closed
     */
    public MappedSegment map(String label, Fill fill, Runnable afterRemoval) {
        Mapping mapping = Mapping.of(size, mapAt);
        if (fill == Fill.A5) {
            Os.fill(mapping.address(), size, POISON);
        }
        if (kind != SegmentKind.MEMFD) {
            closeFd(); // the mapping goes on; a descriptor could be inherited and make the object look used
        }
        return new MappedSegment(kind, label, size, address, mapping, prove -> {
            mapping.close();
            boolean unused = false;
            try {
                if (prove) {
                    unused = name.removeAndAsk(identity);
                } else {
                    name.remove();
                }
            } finally {
                closeFd();
            }
            afterRemoval.run(); // not where the name stayed: then the ledger still has it, and a cleaner removes it
            return unused;
        });
    }

    /** Takes the name or id away and closes the descriptor. */
    public void remove() {
        try {
            name.remove();
        } finally {
            closeFd();
        }
    }

    private void closeFd() {
        if (fd != NO_FD) {
            Os.close(fd);
            fd = NO_FD;
        }
    }

    private record FileName(int dir, String name) implements Name {
        @Override
        public void remove() {
            Os.unlinkat(dir, name);
        }

        @Override
        public boolean removeAndAsk(Identity of) {
            int fd;
            try {
                fd = Os.openat(dir, name, Os.O_RDWR | Os.O_NOFOLLOW, 0);
            } catch (OsException e) {
                remove();
                return false;
            }
            try {
                FileStatus status = Os.fstat(fd); // the name may be another's by now
                boolean same = new Identity.OfFile(status.device(), status.inode(), status.btimeNanos()).equals(of);
                remove(); // first, so that nobody can open it after we asked
                return same && Os.isOnlyUse(fd);
            } finally {
                Os.close(fd);
            }
        }
    }

    private record SysvId(int id) implements Name {
        @Override
        public void remove() {
            Os.shmRemove(id);
        }

        /** Where somebody has it attached it is only marked for destruction. */
        @Override
        public boolean removeAndAsk(Identity of) {
            remove();
            return Os.shmStat(id).isEmpty();
        }
    }

    /** Of a memfd: who has it open got it by way of our descriptor, for which the kernel grants no lease. */
    private static final Name NO_NAME = new Name() {
        @Override
        public void remove() {}

        @Override
        public boolean removeAndAsk(Identity of) {
            return false;
        }
    };
}
