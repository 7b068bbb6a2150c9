package io.github.shmkit.rules;

import static io.github.shmkit.rules.Lab.PAGE;
import static io.github.shmkit.syscall.Linux.IPC_CREAT;
import static io.github.shmkit.syscall.Linux.IPC_EXCL;
import static io.github.shmkit.syscall.Linux.IPC_INFO;
import static io.github.shmkit.syscall.Linux.IPC_PRIVATE;
import static io.github.shmkit.syscall.Linux.IPC_RMID;
import static io.github.shmkit.syscall.Linux.IPC_STAT;
import static io.github.shmkit.syscall.Linux.RLIMIT_MEMLOCK;
import static io.github.shmkit.syscall.Linux.SHM_DEST;
import static io.github.shmkit.syscall.Linux.SHM_EXEC;
import static io.github.shmkit.syscall.Linux.SHM_HUGETLB;
import static io.github.shmkit.syscall.Linux.SHM_HUGE_1GB;
import static io.github.shmkit.syscall.Linux.SHM_HUGE_2MB;
import static io.github.shmkit.syscall.Linux.SHM_INFO;
import static io.github.shmkit.syscall.Linux.SHM_LOCK;
import static io.github.shmkit.syscall.Linux.SHM_LOCKED;
import static io.github.shmkit.syscall.Linux.SHM_NORESERVE;
import static io.github.shmkit.syscall.Linux.SHM_RDONLY;
import static io.github.shmkit.syscall.Linux.SHM_REMAP;
import static io.github.shmkit.syscall.Linux.SHM_RND;
import static io.github.shmkit.syscall.Linux.SHM_STAT;
import static io.github.shmkit.syscall.Linux.SHM_STAT_ANY;
import static io.github.shmkit.syscall.Linux.SHM_UNLOCK;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.Signal;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import io.github.shmkit.syscall.SysResult.SegmentStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules S: shmget(2), shmat(2), shmctl(2). */
@ExtendWith(ShmExtension.class)
class SysvShmTests {
    private static final int KEY = 0x5255;
    private static final int MODE = 0600;
    private static final int SHM_HUGE_SHIFT = 26;

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
        return (int) sys.shmget(KEY, size, IPC_CREAT | IPC_EXCL | MODE).orThrow();
    }

    private long attach(int id) {
        return sys.shmat(id, 0, 0).orThrow();
    }

    private SegmentStatus status(int id) {
        return sys.shmctl(id, IPC_STAT).segmentStatus();
    }

    @Rule(id = "S1", says = "IPC_PRIVATE twice makes two segments.")
    void s1(Kernel kernel) {
        long one = kernel.accepts(sys.shmget(IPC_PRIVATE, PAGE, MODE));
        long two = kernel.accepts(sys.shmget(IPC_PRIVATE, PAGE, MODE));

        kernel.shows("they are the same", one == two, false);
    }

    @Rule(id = "S2", says = "IPC_CREAT with an existing key gives the same id.")
    void s2(Kernel kernel) {
        int id = create(PAGE);

        long again = kernel.accepts(lab.process("second").sys().shmget(KEY, PAGE, IPC_CREAT | MODE));

        kernel.shows("it is the same", again == id, true);
    }

    @Rule(id = "S3", says = "IPC_CREAT with IPC_EXCL and an existing key is EEXIST.")
    void s3(Kernel kernel) {
        create(PAGE);

        kernel.refuses(sys.shmget(KEY, PAGE, IPC_CREAT | IPC_EXCL | MODE), "EEXIST");
    }

    @Rule(id = "S4", says = "A missing key without IPC_CREAT is ENOENT.", claimed = "")
    void s4(Kernel kernel) {
        kernel.refuses(sys.shmget(KEY, PAGE, MODE), "ENOENT");
    }

    @Rule(
            id = "S5",
            says = "A size that is no multiple of the page is accepted; shm_segsz is as asked for, and whole pages are "
                    + "mapped.",
            claimed = "EINVAL")
    void s5(Kernel kernel) {
        int id = (int) kernel.accepts(sys.shmget(KEY, PAGE + 1L, IPC_CREAT | MODE));
        long memory = attach(id);

        process.at(memory).putByte(2L * PAGE - 1, (byte) 42);

        kernel.shows("shm_segsz is as asked for", status(id).size() == PAGE + 1, true);
        kernel.shows("the last byte of the second page", process.at(memory).getByte(2L * PAGE - 1), (byte) 42);
    }

    @Rule(
            id = "S6",
            says =
                    "Size 0 for a new segment, one larger than SHMMAX, and one larger than the existing segment are EINVAL.",
            claimed = "ENOMEM")
    void s6(Kernel kernel) {
        long shmmax = sys.shmctl(0, IPC_INFO).numbers().get(0);
        kernel.refuses("0 for a new one", sys.shmget(KEY, 0, IPC_CREAT | MODE), "EINVAL");
        kernel.refuses("SHMMAX + 1", sys.shmget(KEY, shmmax + 1, IPC_CREAT | MODE), "EINVAL");
        create(PAGE);
        kernel.refuses("larger than the existing one", sys.shmget(KEY, PAGE + 1L, IPC_CREAT | MODE), "EINVAL");
        kernel.accepts("0 for the existing one", sys.shmget(KEY, 0, MODE));
        kernel.notes("SHMMAX", Long.toUnsignedString(shmmax));
    }

    @Rule(id = "S7", says = "With shmat(NULL) the kernel chooses the address; the contents are zero at first.")
    void s7(Kernel kernel) {
        long memory = kernel.accepts(sys.shmat(create(PAGE), 0, 0));

        kernel.shows("NULL", memory == 0, false);
        kernel.shows("multiple of the page", memory % PAGE == 0, true);
        boolean isZero = true;
        for (byte b : process.at(memory).getBytes(0, PAGE)) {
            isZero &= b == 0;
        }
        kernel.shows("all bytes are zero", isZero, true);
    }

    @Rule(id = "S8", says = "A write to what is attached with SHM_RDONLY is SIGSEGV.")
    void s8(Kernel kernel) {
        long memory = kernel.accepts(sys.shmat(create(PAGE), 0, SHM_RDONLY));

        kernel.shows("a read", process.at(memory).getByte(0), (byte) 0);
        kernel.kills(process, Signal.SIGSEGV, "a write", p -> p.at(memory).putByte(0, (byte) 1));
    }

    @Rule(id = "S9", says = "An address that is not aligned is EINVAL; with SHM_RND it is rounded down to SHMLBA.")
    void s9(Kernel kernel) {
        int id = create(PAGE);
        long free = attach(id);
        sys.shmdt(free).orThrow();

        kernel.refuses("without", sys.shmat(id, free + 1, 0), "EINVAL");
        long rounded = kernel.accepts("with SHM_RND", sys.shmat(id, free + 1, SHM_RND));
        kernel.shows("bytes above the page", rounded - free, 0L);
    }

    @Rule(id = "S10", says = "SHM_REMAP with a NULL address is EINVAL.")
    void s10(Kernel kernel) {
        int id = create(PAGE);
        long occupied = attach(id);

        kernel.refuses("NULL", sys.shmat(id, 0, SHM_REMAP), "EINVAL");
        kernel.refuses("a mapped address without SHM_REMAP", sys.shmat(id, occupied, 0), "EINVAL");
        kernel.accepts("a mapped address with it", sys.shmat(id, occupied, SHM_REMAP));
    }

    /** {@code mov eax, 42; ret} and {@code mov w0, #42; ret}. */
    private static byte[] returns42() {
        return System.getProperty("os.arch").equals("aarch64")
                ? new byte[] {0x40, 0x05, (byte) 0x80, 0x52, (byte) 0xc0, 0x03, 0x5f, (byte) 0xd6}
                : new byte[] {(byte) 0xb8, 42, 0, 0, 0, (byte) 0xc3};
    }

    @Rule(
            id = "S11",
            says = "With SHM_EXEC code in the segment can run; without it, running it is SIGSEGV.",
            claimed = "")
    void s11(Kernel kernel) {
        int id = create(PAGE);
        long data = attach(id);
        process.at(data).putBytes(0, returns42());
        long code = kernel.accepts(sys.shmat(id, 0, SHM_EXEC));

        kernel.shows("the code returns", sys.invoke(code).value(), 42L);
        kernel.kills(process, Signal.SIGSEGV, "without SHM_EXEC", p -> p.sys().invoke(data));
    }

    @Rule(id = "S12", says = "To attach without permission is EACCES.")
    void s12(Kernel kernel) {
        int id = create(PAGE);

        kernel.refuses("a stranger", lab.stranger("stranger").sys().shmat(id, 0, 0), "EACCES");
        kernel.accepts("its owner", sys.shmat(id, 0, 0));
    }

    @Rule(id = "S13", says = "A bad id is EINVAL; one that was removed EIDRM or EINVAL.")
    void s13(Kernel kernel) {
        kernel.refuses("bad id", sys.shmat(-1, 0, 0), "EINVAL");
        int id = create(PAGE);
        sys.shmctl(id, IPC_RMID).orThrow();
        kernel.refuses("shmat of a removed one", sys.shmat(id, 0, 0), "EIDRM", "EINVAL");
        kernel.refuses("IPC_STAT of a removed one", sys.shmctl(id, IPC_STAT), "EIDRM", "EINVAL");
    }

    @Rule(id = "S14", says = "shmdt of an address where nothing is attached is EINVAL.")
    void s14(Kernel kernel) {
        long memory = attach(create(PAGE));
        kernel.refuses("never attached", sys.shmdt(memory + PAGE), "EINVAL");
        kernel.accepts("attached", sys.shmdt(memory));
        kernel.refuses("once more", sys.shmdt(memory), "EINVAL");
    }

    @Rule(
            id = "S15",
            says =
                    "IPC_STAT tells size, creator and last pid, owner, mode, three times and nattch, which follows attach, "
                            + "fork, detach, exit and exec.")
    void s15(Kernel kernel) {
        long before = Instant.now().getEpochSecond();
        int id = create(5000);
        kernel.shows("nattch at first", status(id).attaches(), 0L);
        kernel.shows("time of attach at first", status(id).attachTime(), 0L);
        long memory = attach(id);

        SegmentStatus attached = status(id);
        kernel.shows("size", attached.size(), 5000L);
        kernel.shows("creator's pid is right", attached.creatorPid() == process.pid(), true);
        kernel.shows("last pid is right", attached.lastPid() == process.pid(), true);
        kernel.shows("owner", attached.uid(), 0L);
        kernel.shows("mode", Integer.toOctalString(attached.mode()), "600");
        kernel.shows("key is right", attached.key() == KEY, true);
        long after = Instant.now().getEpochSecond();
        kernel.shows("time of change is now", isWithin(before, attached.changeTime(), after), true);
        kernel.shows("time of attach is now", isWithin(before, attached.attachTime(), after), true);
        kernel.shows("nattch after attach", attached.attaches(), 1L);

        NativeHelper leaves = process.fork("leaves");
        kernel.shows("nattch after fork", status(id).attaches(), 2L);
        leaves.sys().shmdt(memory).orThrow();
        kernel.shows("nattch after detach", status(id).attaches(), 1L);
        kernel.shows("last pid is the child's", status(id).lastPid() == leaves.pid(), true);
        kernel.shows("time of detach is now", status(id).detachTime() >= before, true);

        NativeHelper exits = process.fork("exits");
        kernel.shows("nattch after another fork", status(id).attaches(), 2L);
        exits.run(Script.of(b -> b.exit(0)));
        exits.awaitExit();
        kernel.shows("nattch after exit", status(id).attaches(), 1L);

        NativeHelper becomes = process.fork("becomes another program");
        kernel.shows("nattch after a third", status(id).attaches(), 2L);
        becomes.exec("/bin/sleep", "600");
        kernel.shows("nattch after exec", status(id).attaches(), 1L);
        kernel.shows("the program is alive", becomes.isAlive(), true);
        becomes.kill();
    }

    private static boolean isWithin(long least, long value, long most) {
        return least <= value && value <= most;
    }

    @Rule(id = "S16", says = "IPC_SET changes owner, group and mode; for a stranger it is EPERM.")
    void s16(Kernel kernel) {
        int id = create(PAGE);
        kernel.refuses("a stranger", lab.stranger("stranger").sys().shmSet(id, 1, 2, 0666), "EPERM");

        kernel.accepts("its owner", sys.shmSet(id, 1, 2, 0640));

        SegmentStatus status = status(id);
        kernel.shows("owner", status.uid(), 1L);
        kernel.shows("group", status.gid(), 2L);
        kernel.shows("creator", status.creatorUid(), 0L);
        kernel.shows("mode", Integer.toOctalString(status.mode()), "640");
    }

    @Rule(
            id = "S17",
            says =
                    "IPC_RMID while it is attached: it is destroyed at the last detach; until then it is marked (SHM_DEST), "
                            + "its key is 0, and Linux still lets it be attached by id.")
    void s17(Kernel kernel) {
        int id = create(PAGE);
        long memory = attach(id);
        process.at(memory).putInt(0, 42);

        kernel.accepts("IPC_RMID", sys.shmctl(id, IPC_RMID));

        kernel.shows("SHM_DEST is set", (status(id).mode() & SHM_DEST) != 0, true);
        kernel.shows("key", status(id).key(), 0);
        kernel.refuses("by key", sys.shmget(KEY, PAGE, MODE), "ENOENT");
        NativeHelper late = lab.process("late");
        long there = kernel.accepts("shmat by id", late.sys().shmat(id, 0, 0));
        kernel.shows("it reads", late.at(there).getInt(0), 42);
        sys.shmdt(memory).orThrow();
        kernel.shows("still attached", status(id).attaches(), 1L);
        late.sys().shmdt(there).orThrow();
        kernel.refuses("after the last detach", sys.shmctl(id, IPC_STAT), "EINVAL", "EIDRM");
    }

    @Rule(id = "S18", says = "IPC_RMID by a stranger is EPERM.")
    void s18(Kernel kernel) {
        int id = (int) sys.shmget(KEY, PAGE, IPC_CREAT | 0666).orThrow();

        kernel.refuses("a stranger", lab.stranger("stranger").sys().shmctl(id, IPC_RMID), "EPERM");
        kernel.accepts("its owner", sys.shmctl(id, IPC_RMID));
    }

    @Rule(
            id = "S19",
            says = "SHM_LOCK shows as SHM_LOCKED in the mode, until SHM_UNLOCK; beyond RLIMIT_MEMLOCK and without the "
                    + "capability it is EPERM or ENOMEM.")
    void s19(Kernel kernel) {
        int id = create(PAGE);
        kernel.accepts("SHM_LOCK", sys.shmctl(id, SHM_LOCK));
        kernel.shows("SHM_LOCKED is set", (status(id).mode() & SHM_LOCKED) != 0, true);
        kernel.accepts("SHM_UNLOCK", sys.shmctl(id, SHM_UNLOCK));
        kernel.shows("SHM_LOCKED is set afterwards", (status(id).mode() & SHM_LOCKED) != 0, false);

        SysCalls stranger = lab.stranger("stranger").sys();
        kernel.refuses("a stranger", stranger.shmctl(id, SHM_LOCK), "EPERM");
        int own = (int) stranger.shmget(IPC_PRIVATE, 2L * PAGE, MODE).orThrow();
        stranger.setrlimit(RLIMIT_MEMLOCK, PAGE, PAGE).orThrow();
        kernel.refuses("more than RLIMIT_MEMLOCK", stranger.shmctl(own, SHM_LOCK), "ENOMEM");
        stranger.setrlimit(RLIMIT_MEMLOCK, 0, 0).orThrow();
        kernel.refuses("RLIMIT_MEMLOCK 0", stranger.shmctl(own, SHM_LOCK), "EPERM");
    }

    @Rule(
            id = "S20",
            says =
                    "IPC_INFO tells the limits, SHM_INFO the usage, SHM_STAT a segment by its index, and SHM_STAT_ANY does so "
                            + "without permission to read.")
    void s20(Kernel kernel) {
        int id = create(PAGE);
        SysResult limits = sys.shmctl(0, IPC_INFO);
        kernel.accepts("IPC_INFO", limits);
        kernel.notes("SHMMNI", limits.numbers().get(2));
        kernel.shows("SHMMIN", limits.numbers().get(1), 1L);

        SysResult usage = sys.shmctl(0, SHM_INFO);
        int highest = (int) kernel.accepts("SHM_INFO", usage);
        kernel.shows("segments in use", usage.numbers().get(0), 1L);
        kernel.shows("pages in all", usage.numbers().get(1), 1L);

        kernel.shows("SHM_STAT gives its id", sys.shmctl(highest, SHM_STAT).value() == id, true);
        SysCalls stranger = lab.stranger("stranger").sys();
        kernel.refuses("SHM_STAT by a stranger", stranger.shmctl(highest, SHM_STAT), "EACCES");
        SysResult any = stranger.shmctl(highest, SHM_STAT_ANY);
        kernel.accepts("SHM_STAT_ANY by a stranger", any);
        kernel.shows("it tells the key", any.segmentStatus().key() == KEY, true);
    }

    @Rule(id = "S21", says = "It survives its creator's exit, and is visible to ipcs -m.")
    void s21(Kernel kernel, ShmTestkit kit) {
        Path ipcs = Path.of("/usr/bin/ipcs");
        assumeTrue(Files.isExecutable(ipcs), "needs ipcs, of util-linux");
        int id = create(5000);
        process.run(Script.of(b -> b.exit(0)));
        process.awaitExit();

        NativeHelper looks = lab.process("ipcs");
        kernel.accepts("IPC_STAT", looks.sys().shmctl(id, IPC_STAT));
        looks.exec(ipcs.toString(), "-m");
        looks.awaitExit();

        String key = String.format("0x%08x", KEY);
        kit.await("the row of ipcs").until(() -> row(key).isPresent());
        kernel.shows(
                "ipcs -m",
                String.join(" ", row(key).orElseThrow().strip().split("\\s+")),
                key + " " + id + " root 600 5000 0");
    }

    private Optional<String> row(String key) {
        return lab.printed().lines().filter(line -> line.startsWith(key)).findFirst();
    }

    @Rule(
            id = "S22",
            says = "ftok of one file and one project id gives unrelated processes the same key, and so they meet.")
    void s22(
            Kernel kernel,
            @Shm(kind = SegmentKind.MMAP_FILE) Path file,
            @Shm(kind = SegmentKind.MMAP_FILE) Path other) {
        NativeHelper second = lab.process("second");
        int key = (int) kernel.accepts(sys.ftok(file.toString(), 'R'));
        kernel.shows(
                "the second has the same key",
                second.sys().ftok(file.toString(), 'R').value() == key,
                true);
        kernel.shows("another project id has it", sys.ftok(file.toString(), 'S').value() == key, false);
        kernel.shows("another file has it", sys.ftok(other.toString(), 'R').value() == key, false);

        long here = attach((int) sys.shmget(key, PAGE, IPC_CREAT | MODE).orThrow());
        process.at(here).putInt(0, 42);
        long there = second.sys()
                .shmat((int) second.sys().shmget(key, PAGE, MODE).orThrow(), 0, 0)
                .orThrow();

        kernel.shows("the second reads", second.at(there).getInt(0), 42);
    }

    @Rule(id = "S23", says = "When SHMMNI segments exist, one more is ENOSPC.", claimed = "")
    void s23(Kernel kernel) {
        long shmmni = sys.shmctl(0, IPC_INFO).numbers().get(2);
        Script all = Script.of(b -> b.repeat(
                shmmni,
                r -> r.call(LibcCall.SHMGET, Operand.number(IPC_PRIVATE), Operand.number(1), Operand.number(MODE))
                        .orFail()));
        process.run(all).await();

        kernel.shows("there are SHMMNI", sys.shmctl(0, SHM_INFO).numbers().get(0) == shmmni, true);
        kernel.refuses(sys.shmget(IPC_PRIVATE, 1, MODE), "ENOSPC");
        kernel.notes("SHMMNI", shmmni);
    }

    @Rule(
            id = "S24",
            says =
                    "SHM_HUGETLB, with SHM_HUGE_2MB or SHM_HUGE_1GB, is ENOMEM where no pages are reserved, and EINVAL for "
                            + "a size that the machine does not have; SHM_NORESERVE is accepted.",
            claimed = "")
    void s24(Kernel kernel) throws IOException {
        kernel.accepts("SHM_NORESERVE", sys.shmget(IPC_PRIVATE, PAGE, SHM_NORESERVE | MODE));
        assumeTrue(Files.exists(HUGE), "needs a kernel with huge pages");
        SysResult huge = sys.shmget(IPC_PRIVATE, 1, SHM_HUGETLB | MODE);
        assumeTrue(!huge.errno().equals("EPERM"), "needs root, or a group in vm.hugetlb_shm_group");
        kernel.refuses("SHM_HUGETLB", huge, "ENOMEM");
        for (int size : new int[] {SHM_HUGE_2MB, SHM_HUGE_1GB}) {
            long kilobytes = 1L << (size >> SHM_HUGE_SHIFT) >> 10;
            kernel.refuses(
                    "pages of " + kilobytes + " KiB",
                    sys.shmget(IPC_PRIVATE, 1, SHM_HUGETLB | size | MODE),
                    hasNoReserved(kilobytes) ? "ENOMEM" : "EINVAL");
        }
    }

    private static final Path HUGE = Path.of("/sys/kernel/mm/hugepages");

    /** False if the machine has no pages of this size at all. */
    private static boolean hasNoReserved(long kilobytes) throws IOException {
        Path pages = HUGE.resolve("hugepages-" + kilobytes + "kB");
        if (!Files.exists(pages)) {
            return false;
        }
        for (String file : List.of("nr_hugepages", "nr_overcommit_hugepages")) {
            String number = Files.readString(pages.resolve(file)).strip();
            assumeTrue(
                    number.equals("0"), () -> "needs a machine that reserves no huge pages; " + file + " is " + number);
        }
        return true;
    }

    @Rule(
            id = "S25",
            says = "It is not limited by the size of the mount of /dev/shm: a larger segment can be made, and filled.",
            claimed = "both are the same tmpfs")
    void s25(Kernel kernel) {
        int id = (int) kernel.accepts(sys.shmget(KEY, 2 * Lab.SHM_SIZE, IPC_CREAT | MODE));
        long memory = attach(id);

        process.at(memory).fill(0, 2 * Lab.SHM_SIZE, (byte) 42);

        kernel.notes("bytes that /dev/shm holds", Lab.SHM_SIZE);
        kernel.shows("bytes that the segment has", status(id).size(), 2 * Lab.SHM_SIZE);
        kernel.shows("its last byte", process.at(memory).getByte(2 * Lab.SHM_SIZE - 1), (byte) 42);
    }
}
