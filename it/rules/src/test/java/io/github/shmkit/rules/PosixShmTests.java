package io.github.shmkit.rules;

import static io.github.shmkit.rules.Lab.PAGE;
import static io.github.shmkit.syscall.Linux.MAP_SHARED;
import static io.github.shmkit.syscall.Linux.O_CREAT;
import static io.github.shmkit.syscall.Linux.O_EXCL;
import static io.github.shmkit.syscall.Linux.O_RDONLY;
import static io.github.shmkit.syscall.Linux.O_RDWR;

import io.github.shmkit.Signal;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules P: shm_open(3). */
@ExtendWith(ShmExtension.class)
class PosixShmTests {
    private static final String NAME = "/rule";
    private static final int MODE = 0600;
    private static final int PERMISSIONS = 0777;
    private static final int LONGEST_NAME = 255;

    private Lab lab;
    private NativeHelper process;
    private SysCalls sys;

    @BeforeEach
    void start(ShmTestkit kit) {
        lab = Lab.open(kit);
        process = lab.process("process");
        sys = process.sys();
    }

    private int create(long size) {
        int fd = (int) sys.shmOpen(NAME, O_CREAT | O_EXCL | O_RDWR, MODE).orThrow();
        sys.ftruncate(fd, size).orThrow();
        return fd;
    }

    @Rule(
            id = "P1",
            says = "shm_open, ftruncate to one int, mmap, write 42, read by a second process, munmap, shm_unlink: 42.")
    void p1(Kernel kernel) {
        int fd = (int) kernel.accepts(sys.shmOpen(NAME, O_CREAT | O_RDWR, MODE));
        kernel.accepts(sys.ftruncate(fd, Integer.BYTES));
        long memory = kernel.accepts(sys.mmap(0, Integer.BYTES, Lab.READ_WRITE, MAP_SHARED, fd, 0));
        process.at(memory).putInt(0, 42);

        NativeHelper second = lab.process("second");
        int there = (int) kernel.accepts(second.sys().shmOpen(NAME, O_RDWR, 0));
        kernel.shows(
                "the second process reads",
                second.at(Lab.map(second, there, Integer.BYTES)).getInt(0),
                42);

        kernel.accepts(sys.munmap(memory, Integer.BYTES));
        kernel.accepts(sys.shmUnlink(NAME));
    }

    @Rule(id = "P2", says = "An access before ftruncate is SIGBUS.", claimed = "")
    void p2(Kernel kernel) {
        int fd = (int) sys.shmOpen(NAME, O_CREAT | O_RDWR, MODE).orThrow();
        long memory = Lab.map(process, fd, PAGE);

        kernel.kills(process, Signal.SIGBUS, "access", p -> p.at(memory).putInt(0, 42));
    }

    @Rule(id = "P3", says = "O_CREAT with O_EXCL of an existing name is EEXIST.")
    void p3(Kernel kernel) {
        kernel.accepts("first", sys.shmOpen(NAME, O_CREAT | O_EXCL | O_RDWR, MODE));
        kernel.refuses("again", sys.shmOpen(NAME, O_CREAT | O_EXCL | O_RDWR, MODE), "EEXIST");
    }

    @Rule(id = "P4", says = "To open a name that is missing, without O_CREAT, is ENOENT, and so is to unlink it.")
    void p4(Kernel kernel) {
        kernel.refuses("open", sys.shmOpen(NAME, O_RDWR, MODE), "ENOENT");
        kernel.refuses("unlink", sys.shmUnlink(NAME), "ENOENT");
    }

    @Rule(
            id = "P5",
            says = "shm_unlink while it is mapped: the mapping works until the last unmap, a new open is ENOENT, a new "
                    + "O_CREAT makes a different object.")
    void p5(Kernel kernel) {
        int old = create(PAGE);
        long memory = Lab.map(process, old, PAGE);
        NativeHelper child = process.fork("child");

        kernel.accepts(sys.shmUnlink(NAME));

        process.at(memory).putInt(0, 42);
        kernel.shows("another process still reads", child.at(memory).getInt(0), 42);
        kernel.refuses("a new open", sys.shmOpen(NAME, O_RDWR, MODE), "ENOENT");
        int young = create(PAGE);
        kernel.shows(
                "the new one holds", process.at(Lab.map(process, young, PAGE)).getInt(0), 0);
        kernel.shows("it is the old one", inode(young) == inode(old), false);
    }

    private long inode(int fd) {
        return sys.fstat(fd).fileStatus().inode();
    }

    @Rule(id = "P6", says = "It is a file in /dev/shm: name, size, mode and owner are visible there.")
    void p6(Kernel kernel) {
        create(5000);

        int file = (int) kernel.accepts(sys.open("/dev/shm" + NAME, O_RDONLY, 0));

        SysResult.FileStatus status = sys.fstat(file).fileStatus();
        kernel.shows("size", status.size(), 5000L);
        kernel.shows("mode", Integer.toOctalString(status.mode() & PERMISSIONS), "600");
        kernel.shows("owner", status.uid(), 0L);
    }

    @Rule(id = "P7", says = "With mode 0600, to be opened by another user is EACCES.", claimed = "a permission problem")
    void p7(Kernel kernel) {
        create(PAGE);

        kernel.refuses("another user", lab.stranger("stranger").sys().shmOpen(NAME, O_RDONLY, 0), "EACCES");
        kernel.accepts("its owner", sys.shmOpen(NAME, O_RDONLY, 0));
    }

    @Rule(
            id = "P8",
            says = "A name with an inner slash is EINVAL, one of 256 characters ENAMETOOLONG, an empty one EINVAL.",
            claimed = "")
    void p8(Kernel kernel) {
        String longest = "/" + "n".repeat(LONGEST_NAME);
        kernel.refuses("inner slash", sys.shmOpen("/inner/slash", O_CREAT | O_RDWR, MODE), "EINVAL");
        kernel.refuses("256 characters", sys.shmOpen(longest + "n", O_CREAT | O_RDWR, MODE), "ENAMETOOLONG");
        kernel.refuses("empty", sys.shmOpen("", O_CREAT | O_RDWR, MODE), "EINVAL");
        kernel.refuses("a slash and no more", sys.shmOpen("/", O_CREAT | O_RDWR, MODE), "EINVAL");
        kernel.accepts("255 characters", sys.shmOpen(longest, O_CREAT | O_RDWR, MODE));
    }

    @Rule(
            id = "P9",
            says =
                    "More than the tmpfs holds is ENOSPC for posix_fallocate; ftruncate makes it sparse, and touching it is "
                            + "SIGBUS.",
            claimed = "out of memory")
    void p9(Kernel kernel) {
        int fd = create(0);
        kernel.refuses(sys.posixFallocate(fd, 0, 2 * Lab.SHM_SIZE), "ENOSPC");
        kernel.accepts(sys.ftruncate(fd, 2 * Lab.SHM_SIZE));
        long memory = Lab.map(process, fd, 2 * Lab.SHM_SIZE);

        kernel.kills(
                process, Signal.SIGBUS, "touching all of it", p -> p.at(memory).fill(0, 2 * Lab.SHM_SIZE, (byte) 1));
    }

    @Rule(id = "P10", says = "It survives the exit of its creator, and his kill -9, until it is unlinked.")
    void p10(Kernel kernel) {
        create(PAGE);
        process.run(Script.of(b -> b.exit(0)));
        process.awaitExit();
        kernel.accepts(
                "open after its exit", lab.process("after the exit").sys().shmOpen(NAME, O_RDWR, 0));

        NativeHelper killed = lab.process("killed");
        kernel.accepts("another creator", killed.sys().shmOpen("/other", O_CREAT | O_RDWR, MODE));
        kernel.shows("he", killed.kill().toString(), "was killed by SIGKILL");
        SysCalls last = lab.process("after the kill").sys();
        kernel.accepts("open after that", last.shmOpen("/other", O_RDWR, 0));
        kernel.accepts(last.shmUnlink("/other"));
        kernel.refuses("open after shm_unlink", last.shmOpen("/other", O_RDWR, 0), "ENOENT");
    }

    @Rule(id = "P11", says = "The mode that is given is reduced by the umask.", claimed = "")
    void p11(Kernel kernel) {
        sys.umask(027).orThrow();
        int fd = (int) sys.shmOpen(NAME, O_CREAT | O_RDWR, 0666).orThrow();

        kernel.shows(
                "0666 with umask 027",
                Integer.toOctalString(sys.fstat(fd).fileStatus().mode() & PERMISSIONS),
                "640");
    }
}
