package io.github.shmkit.rules;

import static io.github.shmkit.SegmentKind.POSIX_SHM;
import static io.github.shmkit.SegmentKind.SYSV_SHM;
import static io.github.shmkit.rules.Lab.PAGE;
import static io.github.shmkit.syscall.Linux.CLONE_NEWIPC;
import static io.github.shmkit.syscall.Linux.CLONE_NEWNS;
import static io.github.shmkit.syscall.Linux.CLONE_NEWPID;
import static io.github.shmkit.syscall.Linux.CLONE_NEWUSER;
import static io.github.shmkit.syscall.Linux.IPC_CREAT;
import static io.github.shmkit.syscall.Linux.IPC_STAT;
import static io.github.shmkit.syscall.Linux.O_CREAT;
import static io.github.shmkit.syscall.Linux.O_RDWR;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmQueue;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules K: what a namespace hides, and what it does not. */
@ExtendWith(ShmExtension.class)
class IsolationTests {
    private static final int MODE = 0600;

    @Shm(kind = POSIX_SHM)
    private Segment posix;

    @Shm(kind = SYSV_SHM)
    private Segment sysv;

    @ShmQueue
    private PosixQueue queue;

    private NativeHelper process;
    private SysCalls sys;

    @BeforeEach
    void start(ShmTestkit kit) {
        process = kit.nativeHelper("process").start();
        sys = process.sys();
    }

    private void moveTo(int namespaces) {
        SysResult moved = sys.unshare(namespaces);
        SysResult done = moved.succeeded() ? moved : sys.unshare(namespaces | CLONE_NEWUSER);
        assumeTrue(done.succeeded(), () -> "needs root: " + done);
    }

    private SysResult openPosix() {
        return sys.shmOpen(((SegmentAddress.ByPath) posix.address()).name(), O_RDWR, 0);
    }

    private SysResult attachSysv() {
        return sys.shmat(((SegmentAddress.BySysv) sysv.address()).shmid(), 0, 0);
    }

    private SysResult openQueue() {
        return sys.mqOpen(queue.name(), O_RDWR, 0, 0, 0);
    }

    @Rule(
            id = "K1",
            says = "In a new IPC namespace the System V segment and the POSIX queue are gone, /dev/shm is the same.",
            claimed = "")
    void k1(Kernel kernel) {
        kernel.accepts("shmat before", attachSysv());
        kernel.accepts("mq_open before", openQueue());

        moveTo(CLONE_NEWIPC);

        kernel.refuses("shmat", attachSysv(), "EINVAL");
        kernel.refuses("mq_open", openQueue(), "ENOENT");
        seesPosix(kernel);
    }

    private void seesPosix(Kernel kernel) {
        posix.putInt(0, 42);
        int fd = (int) kernel.accepts("shm_open", openPosix());
        kernel.shows("it reads", process.at(Lab.map(process, fd, PAGE)).getInt(0), 42);
    }

    @Rule(
            id = "K2",
            says =
                    "In a new mount namespace with its own /dev/shm the POSIX object is gone, the System V segment is the "
                            + "same.",
            claimed = "")
    void k2(Kernel kernel) {
        kernel.accepts("shm_open before", openPosix());

        moveTo(CLONE_NEWNS);
        sys.mountShm(Lab.SHM_SIZE).orThrow();

        kernel.refuses("shm_open", openPosix(), "ENOENT");
        sysv.putInt(0, 42);
        long memory = kernel.accepts("shmat", attachSysv());
        kernel.shows("it reads", process.at(memory).getInt(0), 42);
    }

    @Rule(
            id = "K3",
            says =
                    "Two processes in one IPC namespace and mount, but different pid namespaces (containers of one pod), "
                            + "share both kinds; from inside, the creator's pid reads 0.",
            claimed = "")
    void k3(Kernel kernel, ShmTestkit kit) {
        Lab pod = Lab.open(kit);
        SysCalls creator = pod.process("creator").sys();
        NativeHelper entry = pod.process("entry");
        entry.sys().unshare(CLONE_NEWPID).orThrow();
        NativeHelper inside = entry.fork("inside");

        int fd = (int) creator.shmOpen("/pod", O_CREAT | O_RDWR, MODE).orThrow();
        creator.pwrite(fd, new byte[] {42}, 0).orThrow();
        int id = (int) creator.shmget(1, PAGE, IPC_CREAT | MODE).orThrow();

        kernel.shows("own pid inside", inside.sys().getpid().value(), 1L);
        int there = (int) kernel.accepts("shm_open inside", inside.sys().shmOpen("/pod", O_RDWR, 0));
        kernel.shows("it reads", inside.sys().pread(there, 1, 0).bytes().toArray()[0], (byte) 42);
        kernel.accepts("shmat inside", inside.sys().shmat(id, 0, 0));
        kernel.shows(
                "creator's pid outside",
                creator.shmctl(id, IPC_STAT).segmentStatus().creatorPid()
                        == creator.getpid().value(),
                true);
        kernel.shows(
                "creator's pid inside",
                inside.sys().shmctl(id, IPC_STAT).segmentStatus().creatorPid(),
                0L);
    }
}
