package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Futex;
import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SharedCondition;
import io.github.shmkit.SharedMutex;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.Operand.Var;
import io.github.shmkit.syscall.SysCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Objects by which this JVM and native helpers wait for each other, and what their owners' deaths leave. */
@Timeout(60)
class SynchronisationTests {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final int MUTEX = 64;
    private static final int CONDITION = 128;
    private static final int ROUNDS = 20_000;
    private static Session session;

    private final List<NativeHelper> started = new ArrayList<>();
    private Segment segment;

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
        segment =
                session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(4096).label("data"));
    }

    @AfterEach
    void close() {
        started.forEach(NativeHelper::close);
        segment.close();
    }

    private NativeHelper start() {
        NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1))
                .helper("peer")
                .attach(segment)
                .start();
        started.add(helper);
        return helper;
    }

    /** Reads, adds 1 and writes, which loses updates unless the lock excludes others. */
    private static Script counting(Consumer<Script.Builder> lock, Consumer<Script.Builder> unlock) {
        return Script.of(b -> {
            Var count = b.var();
            b.repeat(ROUNDS, r -> {
                lock.accept(r);
                r.getLong(0)
                        .into(count)
                        .calculate(count, io.github.shmkit.script.Arithmetic.ADD, 1)
                        .putLong(0, count);
                unlock.accept(r);
            });
        });
    }

    private void countHere(Runnable lock, Runnable unlock) {
        for (int i = 0; i < ROUNDS; i++) {
            lock.run();
            segment.putLong(0, segment.getLong(0) + 1);
            unlock.run();
        }
    }

    private static Operand forever() {
        return Operand.number(-1);
    }

    // --- mutex ---

    @Test
    void aMutexExcludesHelpersAndThisJvm() {
        SharedMutex mutex = segment.mutexAt(MUTEX).init();
        Script script = counting(
                b -> b.call(LibcCall.MUTEX_LOCK, Operand.place("data", MUTEX), forever())
                        .orFail(),
                b -> b.call(LibcCall.MUTEX_UNLOCK, Operand.place("data", MUTEX)).orFail());
        Running first = start().run(script);
        Running second = start().run(script);
        countHere(() -> mutex.lock(LONG), mutex::unlock);
        first.await();
        second.await();

        assertThat(segment.getLong(0)).isEqualTo(3 * ROUNDS);
    }

    @Test
    void theDeathOfAMutexOwnerIsToldToTheNext() {
        SharedMutex mutex = segment.mutexAt(MUTEX).init();
        NativeHelper owner = start();
        owner.sys().mutexLock(owner.address("data") + MUTEX, LONG).orThrow();
        assertThatThrownBy(() -> mutex.lock(SHORT))
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("nothing came of it within 20 ms");
        owner.kill();

        assertThat(mutex.lock(LONG)).isEqualTo(SharedMutex.State.OWNER_DIED);
        mutex.markConsistent();
        mutex.unlock();
        assertThat(mutex.lock(LONG)).isEqualTo(SharedMutex.State.CONSISTENT);
        assertThatThrownBy(() -> mutex.lock(SHORT)).hasMessageContaining("EDEADLK");
        mutex.unlock();
        assertThatThrownBy(mutex::unlock).hasMessageContaining("EPERM");
        NativeHelper next = start();
        assertThat(next.sys().mutexLock(next.address("data") + MUTEX, LONG).succeeded())
                .isTrue();
    }

    @Test
    void aMutexThatWasLockedWhenItsSegmentClosedHarmsNoOther() throws Exception {
        Thread thread = new Thread(() -> {
            Segment closed = session.create(SegmentSpec.of(SegmentKind.MEMFD).label("closed"));
            closed.mutexAt(0).init().lock(LONG);
            closed.close();
            System.gc();
            SharedMutex other = segment.mutexAt(MUTEX).init();
            for (int i = 0; i < 100; i++) {
                other.lock(LONG);
                other.unlock();
            }
            segment.putInt(0, 1);
        });
        thread.start();
        thread.join();
        assertThat(segment.getInt(0)).isEqualTo(1);
    }

    @Test
    void aTruncatedSegmentIsAnErrorAndNoDeadJvm() throws IOException {
        try (Segment file =
                session.create(SegmentSpec.of(SegmentKind.MMAP_FILE).size(8192).label("file"))) {
            SharedMutex mutex = file.mutexAt(4096).init();
            Path path = Path.of(((io.github.shmkit.SegmentAddress.ByPath) file.address()).path());
            try (var channel = java.nio.channels.FileChannel.open(path, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(100);
            }
            assertThatThrownBy(() -> mutex.lock(SHORT)).isInstanceOf(InternalError.class);
        }
        assertThatThrownBy(() -> segment.mutexAt(4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> segment.mutexAt(4064)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    // --- condition variable, futex ---

    @Test
    void aConditionWakesBothWays() {
        SharedMutex mutex = segment.mutexAt(MUTEX).init();
        SharedCondition condition = segment.conditionAt(CONDITION).init();
        NativeHelper helper = start();
        Operand lock = Operand.place("data", MUTEX);
        Operand place = Operand.place("data", CONDITION);
        // Waits for 1, then says 2.
        Running running = helper.run(Script.of(b -> {
            Var value = b.var();
            b.call(LibcCall.MUTEX_LOCK, lock, forever())
                    .orFail()
                    .forever(r -> r.getLong(0)
                            .into(value)
                            .when(value, Comparison.EQUAL, 1, w -> w.leave())
                            .call(LibcCall.COND_WAIT, place, lock, forever())
                            .orFail())
                    .putLong(0, 2)
                    .call(LibcCall.COND_SIGNAL, place)
                    .call(LibcCall.MUTEX_UNLOCK, lock);
        }));
        mutex.lock(LONG);
        segment.putLong(0, 1);
        condition.broadcast();
        condition.await(mutex, () -> segment.getLong(0) == 2, LONG);
        assertThatThrownBy(() -> condition.await(mutex, () -> false, SHORT)).isInstanceOf(ShmException.class);
        mutex.unlock();
        running.await();
        assertThat(segment.getLong(0)).isEqualTo(2);
    }

    @Test
    void aFutexWakesBothWays() {
        Futex futex = segment.futexAt(8);
        NativeHelper helper = start();
        Running running = helper.run(
                Script.of(b -> b.call(LibcCall.FUTEX_WAIT, Operand.place("data", 8), Operand.number(0), forever())
                        .putInt(12, 1)
                        .call(LibcCall.FUTEX_WAKE, Operand.place("data", 12), Operand.number(1))));
        while (futex.wake(1) == 0) {
            Thread.onSpinWait();
        }
        segment.futexAt(12).await(0, LONG);
        running.await();
        assertThat(segment.getInt(12)).isEqualTo(1);
        assertThatThrownBy(() -> futex.await(0, SHORT)).isInstanceOf(ShmException.class);
        futex.await(5, SHORT);
    }

    // --- semaphores ---

    @Test
    void aNamedSemaphoreExcludesAndStaysTakenWhenItsTakerDies() {
        NativeHelper helper = start();
        SysCalls sys = helper.sys();
        String file;
        try (NamedSemaphore semaphore = session.createSemaphore("guard", 1)) {
            file = "/dev/shm/sem." + semaphore.name().substring(1);
            long theirs = sys.semOpen(semaphore.name(), 0, 0, 0).orThrow();
            Running running = helper.run(counting(
                    b -> b.call(LibcCall.SEM_WAIT, Operand.number(theirs), forever())
                            .orFail(),
                    b -> b.call(LibcCall.SEM_POST, Operand.number(theirs)).orFail()));
            countHere(() -> semaphore.acquire(LONG), semaphore::release);
            running.await();
            assertThat(segment.getLong(0)).isEqualTo(2 * ROUNDS);
            assertThat(semaphore.value()).isEqualTo(1);

            sys.semWait(theirs, Duration.ZERO).orThrow();
            assertThat(semaphore.tryAcquire()).isFalse();
            helper.kill();
            assertThat(semaphore.tryAcquire()).isFalse();
            assertThat(semaphore.value()).isZero();
            assertThatThrownBy(() -> semaphore.acquire(SHORT)).isInstanceOf(ShmException.class);
            assertThat(Path.of(file)).exists();
        }
        assertThat(Path.of(file)).doesNotExist();
    }

    @Test
    void semUndoGivesBackWhatADeadProcessTook() {
        NativeHelper helper = start();
        try (SysvSemaphoreSet set = session.createSemaphoreSet("set", 2, 0)) {
            set.set(0, 1);
            set.semop(1, 1, LONG);
            helper.sys().semop(set.id(), 0, -1, 0, LONG).orThrow();
            helper.sys().semop(set.id(), 1, -1, Linux.SEM_UNDO, LONG).orThrow();
            assertThat(List.of(set.value(0), set.value(1))).containsExactly(0, 0);
            helper.kill();

            set.semop(1, -1, LONG);
            assertThat(set.value(0)).isZero();
            assertThatThrownBy(() -> set.semop(0, -1, SHORT)).isInstanceOf(ShmException.class);
            assertThat(set.size()).isEqualTo(2);
            NativeHelper other = start();
            assertThat(other.sys().semget(set.key(), 0, 0).value()).isEqualTo(set.id());
            assertThatThrownBy(() -> set.value(2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    // --- queues ---

    @Test
    void aPosixQueueCarriesMessagesByPriority() {
        NativeHelper helper = start();
        try (PosixQueue queue = session.createQueue("doorbell", PosixQueue.MESSAGES, PosixQueue.MESSAGE_SIZE)) {
            int fd = (int)
                    helper.sys().mqOpen(queue.name(), Linux.O_RDWR, 0, 0, 0).orThrow();
            queue.send(new byte[] {1}, 0, LONG);
            queue.send(new byte[] {2, 2}, 5, LONG);
            assertThat(helper.sys().mqReceive(fd, PosixQueue.MESSAGE_SIZE, LONG).value())
                    .isEqualTo(2);
            helper.sys()
                    .mqSend(fd, "hello".getBytes(StandardCharsets.US_ASCII), 9, LONG)
                    .orThrow();
            PosixQueue.Message message = queue.receive(LONG);
            assertThat(message.priority()).isEqualTo(9);
            assertThat(message.bytes().toArray()).isEqualTo("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(queue.receive(LONG).bytes().toArray()).containsExactly(1);
            assertThatThrownBy(() -> queue.receive(SHORT)).isInstanceOf(ShmException.class);
        }
    }

    @Test
    void aSysvQueueCarriesMessagesByType() {
        NativeHelper helper = start();
        try (SysvQueue queue = session.createSysvQueue("doorbell")) {
            queue.send(3, new byte[] {3}, LONG);
            queue.send(4, new byte[] {4, 4}, LONG);
            assertThat(helper.sys().msgrcv(queue.id(), 4, 100, 0).bytes().toArray())
                    .startsWith(4, 4);
            helper.sys().msgsnd(queue.id(), 7, new byte[] {7}, 0).orThrow();
            assertThat(queue.receive(7, LONG).bytes().toArray()).containsExactly(7);
            assertThat(queue.receive(0, LONG).type()).isEqualTo(3);
            assertThatThrownBy(() -> queue.receive(0, SHORT)).isInstanceOf(ShmException.class);
            assertThat(helper.sys().msgget(queue.key(), 0).value()).isEqualTo(queue.id());
        }
    }

    // --- clean-up ---

    @Test
    void whatNobodyClosedIsRemovedAtTheEndOfTheSession() throws IOException {
        int set;
        int queue;
        try (Session other = Session.open()) {
            other.createSemaphore("closed", 1).close();
            other.createQueue("closed", 1, 1).close();
            set = other.createSemaphoreSet("left", 3, 0).id();
            queue = other.createSysvQueue("left").id();
            assertThat(table("sem", set)).isTrue();
            assertThat(table("msg", queue)).isTrue();
            other.createSemaphore("left", 1);
            other.createQueue("left", 1, 1);
            var reaped = other.end();
            assertThat(reaped.kept()).isZero();
            assertThat(reaped.removed()).as("what its supervisor had to do").isZero();
        }
        assertThat(table("sem", set)).isFalse();
        assertThat(table("msg", queue)).isFalse();
    }

    private static boolean table(String kind, int id) throws IOException {
        try (var rows = Files.lines(Path.of("/proc/sysvipc/" + kind))) {
            return rows.skip(1).anyMatch(r -> r.matches("\\s*-?\\d+\\s+" + id + "\\s.*"));
        }
    }

    @Test
    void interruptsEndEveryWait() {
        SharedMutex mutex = segment.mutexAt(MUTEX).init();
        NativeHelper owner = start();
        owner.sys().mutexLock(owner.address("data") + MUTEX, LONG).orThrow();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> mutex.lock(LONG)).hasMessageStartingWith("interrupted in lock");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Ends.die(owner, Signal.SIGKILL).isSuccess()).isFalse();
    }
}
