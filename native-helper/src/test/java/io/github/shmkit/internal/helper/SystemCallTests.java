package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.os.UnixSocket;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptFailedException;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.Operand.Var;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** System calls, variables, fork and exec of a native helper. */
@Timeout(60)
class SystemCallTests {
    private static final int SHARED_ANONYMOUS = Linux.MAP_SHARED | Linux.MAP_ANONYMOUS;
    private static final int READ_WRITE = Linux.PROT_READ | Linux.PROT_WRITE;
    private static final int PAGE = 4096;
    private static Session session;

    private final List<NativeHelper> started = new ArrayList<>();
    private Segment segment;
    private NativeHelper helper;
    private SysCalls sys;

    @BeforeAll
    static void open() {
        session = Session.open();
    }

    @AfterAll
    static void end() {
        var reaped = session.end();
        assertThat(reaped.processes()).isZero();
        assertThat(reaped.removed()).isZero();
    }

    @BeforeEach
    void create() {
        segment = session.create(
                SegmentSpec.of(SegmentKind.POSIX_SHM).size(2 * PAGE).label("data"));
        helper = start();
        sys = helper.sys();
    }

    @AfterEach
    void close() {
        started.forEach(NativeHelper::close);
        segment.close();
    }

    private NativeHelper start() {
        NativeHelper another = new NativeHelpers(session.supervisor(), new Timeouts(1))
                .helper("peer")
                .attach(segment)
                .start();
        started.add(another);
        return another;
    }

    private String path() {
        return ((SegmentAddress.ByPath) segment.address()).path();
    }

    // --- calls ---

    @Test
    void failedCallsAreNamedByTheirErrno() {
        assertThat(sys.mmap(0, 0, Linux.PROT_READ, SHARED_ANONYMOUS, -1, 0).errno())
                .isEqualTo("EINVAL");
        assertThat(sys.mmap(0, PAGE, Linux.PROT_READ, Linux.MAP_SHARED, -1, 0).errno())
                .isEqualTo("EBADF");
        assertThat(sys.shmOpen("/", Linux.O_RDWR, 0).errno()).isEqualTo("EINVAL");
        assertThat(sys.shmUnlink("/" + "n".repeat(256)).errno()).isEqualTo("ENAMETOOLONG");
        assertThat(sys.shmget(Linux.IPC_PRIVATE, 0, 0600).errno()).isEqualTo("EINVAL");
        assertThat(sys.msync(helper.address("data") + 1, PAGE, Linux.MS_SYNC).errno())
                .isEqualTo("EINVAL");
        assertThat(sys.kill(-1, 0).errno()).isEqualTo("EPERM");
        assertThat(sys.mountShm(PAGE).errno()).isEqualTo("EPERM");
        SysResult closed = sys.close(-1);
        assertThat(closed.succeeded()).isFalse();
        assertThat(closed).hasToString("close = -1 EBADF");
        assertThatThrownBy(closed::orThrow)
                .isInstanceOf(ShmException.class)
                .hasMessage("close failed in the helper: EBADF");
    }

    @Test
    void aMappingGoesOnWithoutItsDescriptorAndEndsWithMunmap() {
        int fd = (int) sys.open(path(), Linux.O_RDWR, 0).orThrow();
        long address = sys.mmap(0, PAGE, READ_WRITE, Linux.MAP_SHARED, fd, PAGE).orThrow();
        sys.close(fd).orThrow();

        helper.at(address).putInt(8, 77);
        assertThat(segment.getInt(PAGE + 8)).isEqualTo(77);
        sys.munmap(address, PAGE).orThrow();

        assertThatThrownBy(() -> helper.at(address).getInt(8))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageContaining("was killed by SIGSEGV at address 0x" + Long.toHexString(address + 8))
                .hasMessageContaining("GET 4 bytes at address 0x" + Long.toHexString(address + 8));
        helper.expectExit(ExitPredicate.killedBy(Signal.SIGSEGV));
    }

    @Test
    void readsWritesAndLooksAtFiles() {
        int fd = (int) sys.memfdCreate("rules", 0).orThrow();
        assertThat(sys.write(fd, new byte[] {1, 2, 3}).value()).isEqualTo(3);
        sys.ftruncate(fd, 37).orThrow();
        assertThat(sys.lseek(fd, 1, Linux.SEEK_SET).value()).isEqualTo(1);
        assertThat(sys.read(fd, 2).bytes().toArray()).containsExactly(2, 3);
        assertThat(sys.pread(fd, 100, 0).value()).isEqualTo(37);
        sys.fchmod(fd, 0640).orThrow();
        SysResult.FileStatus status = sys.fstat(fd).fileStatus();
        assertThat(status.size()).isEqualTo(37);
        assertThat(status.mode() & 0777).isEqualTo(0640);
        List<Long> ends = sys.pipe().numbers();
        assertThat(sys.write(ends.get(1).intValue(), new byte[] {9}).value()).isEqualTo(1);
        assertThat(sys.read(ends.get(0).intValue(), 1).bytes().toArray()).containsExactly(9);
        List<Long> sockets = sys.socketpair(Linux.AF_UNIX, Linux.SOCK_SEQPACKET).numbers();
        assertThat(sys.write(sockets.get(0).intValue(), new byte[] {8}).value()).isEqualTo(1);
        assertThat(sys.read(sockets.get(1).intValue(), 100).value()).isEqualTo(1);
        assertThat(sys.mmap(
                                0,
                                PAGE,
                                Linux.PROT_READ,
                                Linux.MAP_SHARED,
                                ends.get(0).intValue(),
                                0)
                        .errno())
                .isEqualTo("ENODEV");
    }

    @Test
    void describesASysvSegment() {
        int id = (int) sys.shmget(Linux.IPC_PRIVATE, 5000, 0600).orThrow();
        long address = sys.shmat(id, 0, 0).orThrow();
        sys.shmSet(id, sys.shmctl(id, Linux.IPC_STAT).segmentStatus().uid(), 0, 0640)
                .orThrow();
        SysResult.SegmentStatus status = sys.shmctl(id, Linux.IPC_STAT).segmentStatus();
        sys.shmctl(id, Linux.IPC_RMID).orThrow();

        assertThat(status.size()).isEqualTo(5000);
        assertThat(status.attaches()).isEqualTo(1);
        assertThat(status.creatorPid()).isEqualTo(helper.pid());
        assertThat(status.mode()).isEqualTo(0640);
        assertThat(sys.shmctl(id, Linux.IPC_STAT).segmentStatus().mode() & Linux.SHM_DEST)
                .isEqualTo(Linux.SHM_DEST);
        sys.shmdt(address).orThrow();
        assertThat(sys.shmdt(address).errno()).isEqualTo("EINVAL");
        assertThat(sys.shmctl(0, Linux.IPC_INFO).numbers().get(2)).isPositive();
        int key = (int) sys.ftok("/proc/self/exe", 7).value();
        assertThat(key >>> 24).isEqualTo(7);
    }

    @Test
    void privateNamespacesHideWhatIsOutside() {
        assertThat(sys.unshare(Linux.CLONE_NEWIPC | Linux.CLONE_NEWNS).errno()).isIn("", "EPERM");
        if (sys.getpid().succeeded() && sys.mountShm(1 << 16).succeeded()) {
            assertThat(sys.open(path(), Linux.O_RDWR, 0).errno()).isEqualTo("ENOENT");
            assertThat(sys.shmOpen("/own", Linux.O_RDWR | Linux.O_CREAT, 0600).succeeded())
                    .isTrue();
            int fd = (int) sys.shmOpen("/own", Linux.O_RDWR, 0).orThrow();
            assertThat(sys.posixFallocate(fd, 0, 1 << 17).errno()).isEqualTo("ENOSPC");
        }
        assertThat(segment.getInt(0)).isZero();
    }

    @Test
    void anotherUserIsRefused() {
        sys.dropGroups();
        if (sys.setegid(65534).succeeded() && sys.seteuid(65534).succeeded()) {
            assertThat(sys.open(path(), Linux.O_RDWR, 0).errno()).isEqualTo("EACCES");
            sys.seteuid(0).orThrow();
            assertThat(sys.open(path(), Linux.O_RDWR, 0).succeeded()).isTrue();
        }
        assertThat(sys.umask(027).succeeded()).isTrue();
        assertThat(sys.umask(022).value()).isEqualTo(027);
        assertThat(sys.setrlimit(Linux.RLIMIT_CORE, 0, 0).succeeded()).isTrue();
    }

    /** {@code mov eax, 42; ret} and {@code mov w0, #42; ret}. */
    private static byte[] returns42() {
        return System.getProperty("os.arch").equals("aarch64")
                ? new byte[] {0x40, 0x05, (byte) 0x80, 0x52, (byte) 0xc0, 0x03, 0x5f, (byte) 0xd6}
                : new byte[] {(byte) 0xb8, 42, 0, 0, 0, (byte) 0xc3};
    }

    @Test
    void codeRunsOnlyInExecutableMemory() {
        segment.putBytes(0, returns42());
        long address = helper.address("data");
        sys.mprotect(address, PAGE, READ_WRITE | Linux.PROT_EXEC).orThrow();
        assertThat(sys.invoke(address).value()).isEqualTo(42);
        sys.mprotect(address, PAGE, READ_WRITE).orThrow();
        helper.expectExit(ExitPredicate.killedBy(Signal.SIGSEGV));
        assertThatThrownBy(() -> sys.invoke(address)).isInstanceOf(HelperDiedException.class);
    }

    @Test
    void callsWithWrongArgumentsAreRefusedHere() {
        assertThatThrownBy(() -> sys.call(LibcCall.CLOSE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("close has 1 arguments, not 0");
        assertThatThrownBy(() -> sys.call(LibcCall.CLOSE, Operand.text("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("close(\"x\"): argument 1 is a number");
        assertThatThrownBy(() -> sys.call(LibcCall.SHMDT, Operand.place("data", 2 * PAGE + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not within segment 'data'");
        assertThatThrownBy(() -> sys.call(LibcCall.SHMDT, Operand.place("other", 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // --- variables ---

    @Test
    void variablesCountIndexAndDecide() {
        ScriptResult result = helper.run(Script.of(b -> {
                    Var i = b.var();
                    Var sum = b.var();
                    b.set(i, 0)
                            .set(sum, 0)
                            .repeat(
                                    256,
                                    r -> r.indexed(i, x -> x.putByte(0, i))
                                            .when(i, Comparison.LESS, 10, w -> w.calculate(sum, Arithmetic.ADD, i))
                                            .otherwise(o -> o.calculate(sum, Arithmetic.ADD, 1))
                                            .calculate(i, Arithmetic.ADD, 1))
                            .value(sum)
                            .keep("sum")
                            .check(i, Comparison.EQUAL, 256);
                }))
                .await();

        assertThat(result.value("sum")).isEqualTo(45 + 246);
        for (int i = 0; i < 256; i++) {
            assertThat(segment.getByte(i)).isEqualTo((byte) i);
        }
        assertThatThrownBy(() -> helper.run(Script.of(b -> {
                            Var far = b.var();
                            b.set(far, 2 * PAGE).indexed(far, x -> x.getByte(0));
                        }))
                        .await())
                .isInstanceOf(ScriptFailedException.class)
                .hasMessageContaining("out of range");
    }

    @Test
    void variablesAreOperandsOfEveryChange() {
        segment.putLong(0, 5);
        ScriptResult result = helper.run(Script.of(b -> {
                    Var a = b.var();
                    Var old = b.var();
                    b.set(a, 7)
                            .getLong(0)
                            .into(old)
                            .compareAndExchange(0, 8, old, a, MemoryOrder.VOLATILE)
                            .getAndAdd(8, 8, a, MemoryOrder.OPAQUE)
                            .getAndSet(16, 8, old, MemoryOrder.ACQUIRE_RELEASE)
                            .putLong(24, a)
                            .putInt(32, old)
                            .await(24, 8, Comparison.EQUAL, a, Duration.ofSeconds(5))
                            .repeat(a, r -> r.getAndAddLong(40, 1));
                }))
                .await();

        assertThat(result.values().get(1).swapped()).isTrue();
        assertThat(List.of(0, 8, 16, 24, 40))
                .extracting(o -> segment.getLong(o))
                .containsExactly(7L, 7L, 5L, 7L, 7L);
        assertThat(segment.getInt(32)).isEqualTo(5);
    }

    @Test
    void whatACallReturnsIsUsedByTheNextSteps() {
        ScriptResult result = helper.run(Script.of(b -> {
                    Var address = b.var();
                    Var error = b.var();
                    b.call(
                                    LibcCall.MMAP,
                                    Operand.number(0),
                                    Operand.number(PAGE),
                                    Operand.number(READ_WRITE),
                                    Operand.number(SHARED_ANONYMOUS),
                                    Operand.number(-1),
                                    Operand.number(0))
                            .orFail()
                            .into(address)
                            .at(
                                    address,
                                    m -> m.putLong(16, 3)
                                            .getAndAddLong(16, 4)
                                            .getLong(16)
                                            .keep("there"))
                            .call(LibcCall.MUNMAP, address, Operand.number(0))
                            .errno(error)
                            .value(error)
                            .keep("errno");
                }))
                .await();

        assertThat(result.value("there")).isEqualTo(7);
        assertThat(result.value("errno")).isEqualTo(22);
        assertThatThrownBy(() -> helper.run(Script.of(b -> b.call(LibcCall.CLOSE, Operand.number(-1))
                                .orFail()
                                .putInt(0, 1)))
                        .await())
                .isInstanceOf(ScriptFailedException.class)
                .hasMessageContaining("step 0, close(-1) failed: EBADF");
        assertThat(segment.getInt(0)).isZero();
    }

    @Test
    void copiesWithinAndBetweenSegments() {
        try (Segment other =
                session.create(SegmentSpec.of(SegmentKind.SYSV_SHM).size(64).label("other"))) {
            helper.attach(other);
            other.putBytes(8, "shared".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            helper.run(Script.of(b -> b.copy(100, "other", 8, 6).copy(102, 100, 6)))
                    .await();
            assertThat(new String(segment.getBytes(100, 8), java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("shshared");
            assertThatThrownBy(() -> helper.run(Script.of(b -> b.copy(0, "other", 60, 5))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not within segment 'other' of 64 bytes");
        }
    }

    @Test
    void scriptsThatMakeNoSenseAreRefusedWhereTheyAreWritten() {
        assertThatThrownBy(() -> Script.of(b -> b.putInt(0, 1).into(b.var())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("into() must follow a step that has a value");
        assertThatThrownBy(() -> Script.of(b -> b.getInt(0).otherwise(o -> o.getInt(0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("otherwise() must follow a when()");
        assertThatThrownBy(() -> Script.of(b -> b.getInt(0).orFail())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Script.of(b -> {
                    for (int i = 0; i <= Var.COUNT; i++) {
                        b.var();
                    }
                }))
                .isInstanceOf(IllegalStateException.class);
    }

    // --- fork and exec ---

    @Test
    void anonymousMemoryIsSharedWithAChildAndPrivateMemoryIsCopied() {
        long shared = sys.mmap(0, PAGE, READ_WRITE, SHARED_ANONYMOUS, -1, 0).orThrow();
        long copied = sys.mmap(0, PAGE, READ_WRITE, Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0)
                .orThrow();
        NativeHelper child = helper.fork("child");

        helper.at(shared).putInt(0, 1);
        helper.at(copied).putInt(0, 1);
        child.at(shared).putInt(4, 2);
        child.putInt(0, 3);

        assertThat(child.at(shared).getInt(0)).isEqualTo(1);
        assertThat(child.at(copied).getInt(0)).isZero();
        assertThat(helper.at(shared).getInt(4)).isEqualTo(2);
        assertThat(segment.getInt(0)).isEqualTo(3);
        assertThat(child.pid()).isNotEqualTo(helper.pid());
        assertThat(child.isAlive()).isTrue();
        assertThat(Ends.die(child, Signal.SIGKILL)).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        assertThat(child.state()).isEqualTo(HelperState.EXITED);
        assertThat(helper.getInt(0)).isEqualTo(3);
    }

    @Test
    void childrenForkAndExitWithTheirTrueStatus() {
        NativeHelper child = helper.fork("child");
        NativeHelper grandchild = child.fork("grandchild");
        grandchild.putInt(0, 1);
        assertThat(Ends.exit(grandchild, 7)).isEqualTo(Exit.code(7));
        assertThat(Ends.exit(child, 3)).isEqualTo(Exit.code(3));
        NativeHelper stopped = helper.fork("stopped");
        stopped.suspend();
        assertThat(stopped.state()).isEqualTo(HelperState.STOPPED);
        assertThat(stopped.kill()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        helper.fork("left over");
    }

    @Test
    void signalToClosedChildReachesNoOtherProcess() {
        NativeHelper closed = helper.fork("closed");
        closed.close();
        NativeHelper next = helper.fork("next");

        closed.signal(Signal.SIGKILL);
        next.putInt(0, 4);

        assertThat(segment.getInt(0)).isEqualTo(4);
        next.signal(Signal.SIGKILL);
        assertThat(next.awaitExit()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
    }

    @Test
    void childThatEndedBeforeItsUseIsSaidToHaveEnded() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        UnixSocket[] ends = UnixSocket.pair();
        ends[1].close();

        try (Connection toChild = new Connection(ends[0])) {
            DrivenHelper parent = (DrivenHelper) helper;
            assertThatThrownBy(() -> parent.adopt("child", (int) gone.pid(), toChild))
                    .isInstanceOf(HelperDiedException.class)
                    .hasMessage("helper 'child' (pid " + gone.pid() + "), forked by helper 'peer' (pid " + helper.pid()
                            + "), ended before the test could use it");
        }
    }

    @Test
    void aChildThatOutlivesItsParentIsStillKnown() {
        NativeHelper child = helper.fork("orphan");
        started.add(child);
        Ends.exit(helper, 0);
        child.putInt(0, 5);
        assertThat(segment.getInt(0)).isEqualTo(5);
        assertThat(Ends.exit(child, 9)).isEqualTo(Exit.code(9));
    }

    @Test
    void becomesAnotherProgram() {
        assertThatThrownBy(() -> helper.exec("/no/such/program"))
                .isInstanceOf(ScriptFailedException.class)
                .hasMessageContaining("execv".substring(0, 4))
                .hasMessageEndingWith("ENOENT");
        assertThat(helper.getInt(0)).isZero();
        helper.exec("/bin/sh", "-c", "echo here >&2; exit 5");
        assertThat(helper.awaitExit()).isEqualTo(Exit.code(5));
        assertThat(helper.stderr().text()).isEqualTo("here\n");
        assertThatThrownBy(() -> helper.getInt(0)).isInstanceOf(ShmException.class);
    }

    // --- writing to one that does not read ---

    @Test
    void aLargeScriptToAStoppedHelperWaitsNoLongerThanAnInterrupt() throws Exception {
        helper.suspend();
        Script large = Script.of(b -> b.putBytes(0, new byte[2 * PAGE]).repeat(1, r -> {
            for (int i = 0; i < 60_000; i++) {
                r.getAndAddLong(0, 1);
            }
        }));
        AtomicReference<Throwable> thrown = new AtomicReference<>(new AssertionError("nothing was thrown"));
        Thread sending = new Thread(() -> {
            try {
                helper.run(large);
            } catch (ShmException e) {
                thrown.set(Thread.currentThread().isInterrupted() ? e : new AssertionError("the flag is gone", e));
            }
        });
        sending.start();
        sending.interrupt();
        sending.join(10_000);

        assertThat(sending.isAlive()).isFalse();
        assertThat(thrown.get())
                .hasMessageContaining("bytes of a request")
                .hasMessageEndingWith(", and the wait for it was interrupted; it can be asked nothing more");
        assertThat(helper.kill()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
    }

    @Test
    void aLargeScriptReachesAHelperThatIsBusyAnswering() {
        Script replies = Script.of(b -> b.repeat(60_000, r -> r.getLong(0).keep("v")));
        List<Running> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(helper.run(replies));
        }
        Running large = helper.run(Script.of(b -> {
            for (int i = 0; i < 60_000; i++) {
                b.putInt(0, i);
            }
        }));
        large.await();
        assertThat(all).allSatisfy(r -> assertThat(r.await().values()).hasSize(60_000));
    }
}
