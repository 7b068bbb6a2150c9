package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.Signal;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysCalls.SemOperation;
import io.github.shmkit.syscall.SysResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That it is the kernel who answers, and that all of its answer arrives; in namespaces of the helper's own. */
@Timeout(60)
class KernelAnswerTests {
    private static final int PAGE = (int) Os.pageSize();
    private static final int STRANGER = 65534;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Operand BAD = Operand.number(1);

    private final Session session = Session.open();
    private final List<NativeHelper> started = new ArrayList<>();
    private NativeHelper helper;
    private SysCalls sys;

    @BeforeEach
    void start() {
        helper = new NativeHelpers(session.supervisor(), new Timeouts(1))
                .helper("asker")
                .isolated()
                .asRoot()
                .start();
        sys = helper.sys();
    }

    @AfterEach
    void end() {
        helper.close();
        started.forEach(NativeHelper::close);
        session.close();
    }

    private int set(int size) {
        return (int) sys.semget(Linux.IPC_PRIVATE, size, 0666).orThrow();
    }

    private int queue() {
        return (int) sys.msgget(Linux.IPC_PRIVATE, 0666).orThrow();
    }

    private int posixQueue(String name) {
        return (int) sys.mqOpen(name, Linux.O_CREAT | Linux.O_RDWR, 0600, 2, 16).orThrow();
    }

    private SysCalls stranger() {
        assumeTrue(Os.euid() == 0, "needs root: nobody else can become another user");
        NativeHelper child = helper.fork("stranger");
        child.sys().dropGroups().orThrow();
        child.sys().setgid(STRANGER).orThrow();
        child.sys().setuid(STRANGER).orThrow();
        return child.sys();
    }

    // --- System V semaphores and queues ---

    @Test
    void allValuesOfASetAreReadAndSet() {
        int set = set(3);

        assertThat(sys.semSetAll(set, 7, 0, 32767).succeeded()).isTrue();

        assertThat(sys.semGetAll(set, 3).semaphoreValues()).containsExactly(7, 0, 32767);
        assertThat(sys.semctl(set, 2, Linux.GETVAL, 0).value()).isEqualTo(32767);
        assertThat(sys.semSetAll(set, 1, 40_000, 1).errno()).isEqualTo("ERANGE");
        assertThat(sys.semctl(set, 0, Linux.GETALL, BAD).errno()).isEqualTo("EFAULT");
    }

    @Test
    void theStatusOfASetIsThatOfTheKernel() {
        int set = set(3);

        SysResult.SemaphoreSetStatus status =
                sys.semctl(set, 0, Linux.IPC_STAT, 0).semaphoreSetStatus();
        assertThat(status.size()).isEqualTo(3);
        assertThat(status.mode()).isEqualTo(0666);
        assertThat(status.operationTime()).isZero();
        assertThat(status.changeTime()).isPositive();
        assertThat(sys.semSet(set, 0, 0, 0600).succeeded()).isTrue();
        assertThat(sys.semctl(set, 0, Linux.IPC_STAT, 0).semaphoreSetStatus().mode())
                .isEqualTo(0600);
        assertThat(sys.semctl(set, 0, Linux.IPC_STAT, BAD).errno()).isEqualTo("EFAULT");
        assertThat(sys.semctl(0, 0, Linux.SEM_INFO, 0).numbers().get(7))
                .as("sets in use")
                .isEqualTo(1);
        assertThat(sys.semctl(0, 0, Linux.IPC_INFO, 0).numbers().get(8))
                .as("semvmx")
                .isEqualTo(32767);
        assertThat(sys.semctl(set, 0, 4711, 0).errno()).isEqualTo("EINVAL");
    }

    @Test
    void aStrangerMayNotChangeASetOrQueue() {
        int set = set(1);
        int queue = queue();
        SysCalls stranger = stranger();

        assertThat(stranger.semSet(set, STRANGER, STRANGER, 0666).errno()).isEqualTo("EPERM");
        assertThat(stranger.msgSet(queue, STRANGER, STRANGER, 0666, 100).errno())
                .isEqualTo("EPERM");
        assertThat(stranger.semctl(set, 0, Linux.IPC_STAT, 0).succeeded()).isTrue();
        assertThat(stranger.seteuid(0).errno())
                .as("for good, unlike after seteuid")
                .isEqualTo("EPERM");
    }

    @Test
    void theStatusOfAQueueIsThatOfTheKernel() {
        int queue = queue();
        sys.msgsnd(queue, 5, new byte[10], 0).orThrow();

        SysResult.MessageQueueStatus status = sys.msgctl(queue, Linux.IPC_STAT).messageQueueStatus();
        assertThat(status.messages()).isEqualTo(1);
        assertThat(status.bytes()).isEqualTo(10);
        assertThat(status.lastSender()).isEqualTo(helper.pid());
        assertThat(status.lastReceiver()).isZero();
        assertThat(sys.msgSet(queue, 0, 0, 0600, 20).succeeded()).isTrue();
        assertThat(sys.msgctl(queue, Linux.IPC_STAT).messageQueueStatus().maxBytes())
                .isEqualTo(20);
        assertThat(sys.msgsnd(queue, 5, new byte[11], Linux.IPC_NOWAIT).errno()).isEqualTo("EAGAIN");
        assertThat(sys.msgctl(0, Linux.MSG_INFO).numbers().get(0)).as("queues").isEqualTo(1);
        assertThat(sys.msgctl(0, Linux.IPC_INFO).numbers().get(2)).as("msgmax").isPositive();
        assertThat(sys.call(LibcCall.MSGCTL, Operand.number(queue), Operand.number(Linux.IPC_STAT), BAD)
                        .errno())
                .isEqualTo("EFAULT");
        SysResult received = sys.msgrcv(queue, 0, 100, 0);
        assertThat(received.priority()).as("its type").isEqualTo(5);
        assertThat(received.bytes().toArray()).hasSize(10);
    }

    @Test
    void severalOperationsAreOneStep() {
        int set = set(2);

        assertThat(sys.semop(set, SECOND, new SemOperation(0, 1, 0), new SemOperation(1, 2, 0))
                        .succeeded())
                .isTrue();
        assertThat(sys.semop(
                                set,
                                SECOND,
                                new SemOperation(0, -1, Linux.IPC_NOWAIT),
                                new SemOperation(1, -3, Linux.IPC_NOWAIT))
                        .errno())
                .isEqualTo("EAGAIN");

        assertThat(sys.semGetAll(set, 2).semaphoreValues()).containsExactly(1, 2);
        assertThat(sys.semop(set, SECOND, new SemOperation(2, 1, 0)).errno()).isEqualTo("EFBIG");
    }

    // --- POSIX queues ---

    @Test
    void messagesComeWithTheirPriority() {
        int queue = posixQueue("/q");
        sys.mqSend(queue, new byte[] {1}, 3, SECOND).orThrow();
        sys.mqSend(queue, new byte[] {2, 2}, 9, SECOND).orThrow();

        assertThat(sys.mqGetattr(queue).numbers().subList(0, 4)).containsExactly(0L, 2L, 16L, 2L);
        SysResult first = sys.mqReceive(queue, 16, SECOND);
        assertThat(first.priority()).isEqualTo(9);
        assertThat(first.bytes().toArray()).containsExactly(2, 2);
        assertThat(sys.mqReceive(queue, 16, SECOND).priority()).isEqualTo(3);
        assertThat(sys.mqReceive(queue, 15, SECOND).errno()).isEqualTo("EMSGSIZE");
    }

    @Test
    void aMessageInAnEmptyQueueIsNotified() {
        int queue = posixQueue("/q");
        sys.sigaction(Signal.SIGUSR1, Linux.SIG_COUNT, 0).orThrow();
        sys.mqNotify(queue, Linux.SIGEV_SIGNAL, Signal.SIGUSR1).orThrow();
        assertThat(sys.mqNotify(queue, Linux.SIGEV_SIGNAL, Signal.SIGUSR1).errno())
                .isEqualTo("EBUSY");

        sys.mqSend(queue, new byte[1], 0, SECOND).orThrow();
        sys.mqSend(queue, new byte[1], 0, SECOND).orThrow();

        await().untilAsserted(
                        () -> assertThat(sys.signals(Signal.SIGUSR1).value()).isEqualTo(1));
        assertThat(sys.mqNotify(queue, Linux.SIGEV_NONE, Signal.SIGUSR1).succeeded())
                .isTrue();
        assertThat(sys.mqNotify(queue, -1, Signal.SIGUSR1).succeeded()).isTrue();
        assertThat(sys.mqNotify(queue, 2, Signal.SIGUSR1).errno())
                .as("SIGEV_THREAD")
                .isEqualTo("EINVAL");
    }

    // --- files and memory ---

    @Test
    void onlyTheBytesThatWereReadComeBack() {
        int fd = (int) sys.memfdCreate("f", 0).orThrow();
        sys.pwrite(fd, new byte[] {1, 2, 3}, 0).orThrow();

        assertThat(sys.pread(fd, 100, 0).bytes().toArray()).containsExactly(1, 2, 3);
        assertThat(sys.pread(fd, 100, 3).bytes().toArray()).isEmpty();
        assertThat(sys.read(fd, 2).bytes().toArray()).containsExactly(1, 2);
        SysResult failed = sys.read(-1, 100);
        assertThat(failed.errno()).isEqualTo("EBADF");
        assertThat(failed.bytes().toArray()).isEmpty();
        int queue = queue();
        sys.msgsnd(queue, 1, new byte[] {4}, 0).orThrow();
        assertThat(sys.msgrcv(queue, 0, 50, 0).bytes().toArray()).containsExactly(4);
    }

    @Test
    void sealsKeepAMemfdAsItIs() {
        int fd = (int) sys.memfdCreate("f", Linux.MFD_ALLOW_SEALING).orThrow();
        sys.ftruncate(fd, PAGE).orThrow();

        sys.fcntl(fd, Linux.F_ADD_SEALS, Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW)
                .orThrow();

        assertThat(sys.fcntl(fd, Linux.F_GET_SEALS, 0).value()).isEqualTo(Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW);
        assertThat(sys.ftruncate(fd, 0).errno()).isEqualTo("EPERM");
        assertThat(sys.ftruncate(fd, 2L * PAGE).errno()).isEqualTo("EPERM");
        assertThat(sys.pwrite(fd, new byte[1], 0).succeeded()).isTrue();
    }

    @Test
    void pagesInMemoryAreToldOneByOne() {
        long memory = sys.mmap(
                        0,
                        3L * PAGE,
                        Linux.PROT_READ | Linux.PROT_WRITE,
                        Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS,
                        -1,
                        0)
                .orThrow();
        helper.at(memory + PAGE).putInt(0, 1);

        assertThat(sys.mincore(memory, 3L * PAGE).bytes().toArray()).hasSize(3).satisfies(pages -> {
            assertThat(pages[0] & 1).isZero();
            assertThat(pages[1] & 1).isEqualTo(1);
            assertThat(pages[2] & 1).isZero();
        });
        assertThat(sys.mincore(memory + 1, PAGE).errno()).isEqualTo("EINVAL");
        assertThat(sys.mlockall(0).errno()).isEqualTo("EINVAL");
        assertThat(sys.munlockall().succeeded()).isTrue();
    }

    @Test
    void badAddressesAreTheKernelsToRefuse() {
        int segment = (int) sys.shmget(Linux.IPC_PRIVATE, 1, 0600).orThrow();
        Operand number = Operand.number(segment);

        assertThat(sys.call(LibcCall.SHMCTL, number, Operand.number(Linux.IPC_STAT), BAD)
                        .errno())
                .isEqualTo("EFAULT");
        assertThat(sys.call(LibcCall.SHMCTL, number, Operand.number(Linux.IPC_SET), BAD)
                        .errno())
                .isEqualTo("EFAULT");
        assertThat(sys.call(LibcCall.FSTAT, Operand.number(0), BAD).errno()).isEqualTo("EFAULT");
        assertThat(sys.call(LibcCall.OPEN, BAD, Operand.number(0), Operand.number(0))
                        .errno())
                .isEqualTo("EFAULT");
        assertThat(sys.call(LibcCall.PIPE, BAD).errno()).isEqualTo("EFAULT");
        assertThat(sys.call(LibcCall.SEMTIMEDOP, Operand.number(set(1)), BAD, Operand.number(1), Operand.number(0))
                        .errno())
                .isEqualTo("EFAULT");
        assertThat(helper.isAlive()).isTrue();
    }

    // --- signals ---

    private Running started(LibcCall call, Operand... operands) {
        Running running = helper.run(Script.of(b -> b.call(call, operands)));
        helper.awaitState(HelperState.SLEEPING);
        return running;
    }

    private static ScriptResult.Value value(Running running) {
        return running.await(Duration.ofSeconds(10)).values().get(0);
    }

    /** That a handler was installed with SA_RESTART changes nothing for it, see signal(7). */
    @ParameterizedTest
    @EnumSource(
            value = LibcCall.class,
            names = {"SEMOP", "MSGRCV"})
    void aSignalInterruptsWaitsForSystemV(LibcCall call) {
        sys.sigaction(Signal.SIGUSR1, Linux.SIG_COUNT, Linux.SA_RESTART).orThrow();
        Operand zero = Operand.number(0);
        Running waiting = call == LibcCall.SEMOP
                ? started(call, Operand.number(set(1)), zero, Operand.number(-1), zero, Operand.number(-1))
                : started(
                        call,
                        Operand.number(queue()),
                        zero,
                        Operand.room(8),
                        Operand.number(8),
                        zero,
                        Operand.record());

        helper.signal(Signal.SIGUSR1);

        assertThat(value(waiting).errno()).isEqualTo("EINTR");
        assertThat(sys.signals(Signal.SIGUSR1).value()).isEqualTo(1);
    }

    @Test
    void aReadGoesOnAfterASignalWhereThatWasAskedFor() {
        List<Long> ends = sys.pipe().numbers();
        Operand[] read = {Operand.number(ends.get(0)), Operand.room(1), Operand.number(1)};
        NativeHelper writer = helper.fork("writer");

        sys.sigaction(Signal.SIGUSR1, Linux.SIG_COUNT, 0).orThrow();
        Running interrupted = started(LibcCall.READ, read);
        helper.signal(Signal.SIGUSR1);
        assertThat(value(interrupted).errno()).isEqualTo("EINTR");

        sys.sigaction(Signal.SIGUSR1, Linux.SIG_COUNT, Linux.SA_RESTART).orThrow();
        Running going = started(LibcCall.READ, read);
        helper.signal(Signal.SIGUSR1);
        helper.awaitState(HelperState.SLEEPING);
        writer.sys().write(ends.get(1).intValue(), new byte[] {5}).orThrow();
        assertThat(value(going).value()).isEqualTo(1);
        assertThat(sys.signals(Signal.SIGUSR1).value()).isEqualTo(2);
    }

    @Test
    void theCLibraryOfTheHelperIsNamed() {
        SysResult version = sys.confstr(Linux.CS_GNU_LIBC_VERSION);

        assertThat(new String(version.bytes().toArray(), StandardCharsets.US_ASCII))
                .matches("glibc \\d+\\.\\d+\0");
        assertThat(version.value()).isEqualTo(version.bytes().toArray().length);
    }
}
