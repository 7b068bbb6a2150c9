package io.github.shmkit.rules;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmQueue;
import io.github.shmkit.junit.ShmSemaphore;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.Operand;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules Y: two processes that contend for a counter, hand messages over, or die with a lock. */
@ExtendWith(ShmExtension.class)
class SynchronisationTests {
    private static final long MILLION = 1_000_000;
    /** Where a round is one or more system calls; the property makes it a million. */
    private static final long ROUNDS = Long.getLong("rules.rounds", MILLION);

    private static final int MESSAGES = 2_000;
    private static final int TRIES = 50;
    private static final long COUNTER = 0;
    private static final long LOCK = 64;
    /** Behind the number of messages that were taken, a ring of slots. */
    private static final long TAIL = 0;

    private static final long RING = 64;
    private static final int SLOTS = 1024;
    private static final int SLOT = 64;
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration NOT_AT_ALL = Duration.ZERO;
    private static final String BARRIER = "both";

    @Shm(size = RING + SLOTS * SLOT)
    private Segment memory;

    private NativeHelper one;
    private NativeHelper two;

    @BeforeEach
    void start(ShmTestkit kit) {
        one = kit.nativeHelper("one").attach(memory).start();
        two = kit.nativeHelper("two").attach(memory).start();
    }

    private static Operand number(long value) {
        return Operand.number(value);
    }

    private static Operand at(long offset) {
        return Operand.place(offset);
    }

    /** Has both do the same, from the same moment on. */
    private void contend(Consumer<Script.Builder> steps) {
        contend(steps, steps);
    }

    private void contend(Consumer<Script.Builder> first, Consumer<Script.Builder> second) {
        List<Running> running = List.of(one.run(meeting(first)), two.run(meeting(second)));
        running.forEach(script -> script.await(LONG));
    }

    private static Script meeting(Consumer<Script.Builder> steps) {
        return Script.of(b -> steps.accept(b.barrier(BARRIER, "one", "two")));
    }

    /** Reads, adds and writes back: three steps, between which another may come. */
    private static void increment(Script.Builder b, Operand.Var value) {
        b.getLong(COUNTER).into(value).calculate(value, Arithmetic.ADD, 1).putLong(COUNTER, value);
    }

    @Rule(
            id = "Y1",
            says = "Two processes add 1 to one counter a million times each, without synchronisation: updates are lost "
                    + "(that happens, it need not).",
            claimed = "")
    void y1(Kernel kernel) {
        long lost = 0;
        int tries = 0;
        while (lost == 0 && tries < TRIES) {
            memory.putLong(COUNTER, 0);
            contend(b -> {
                Operand.Var value = b.var();
                b.repeat(MILLION, r -> increment(r, value));
            });
            lost = 2 * MILLION - memory.getLongVolatile(COUNTER);
            tries++;
        }
        kernel.shows("updates were lost", lost > 0, true);
        kernel.notes("lost of 2000000", lost);
        kernel.notes("tries", tries);
    }

    @Rule(
            id = "Y2",
            says =
                    "With an atomic add, a POSIX named semaphore, a System V semaphore, a process-shared robust mutex or a "
                            + "futex lock, none is lost.",
            claimed = "")
    void y2(
            Kernel kernel,
            @ShmSemaphore(initial = 1) NamedSemaphore named,
            @ShmSemaphore(initial = 1) SysvSemaphoreSet set) {
        counts(kernel, "atomic add", MILLION, b -> b.repeat(MILLION, r -> r.getAndAddLong(COUNTER, 1)));

        memory.mutexAt(LOCK).init();
        counts(
                kernel,
                "robust mutex",
                ROUNDS,
                locked(
                        r -> r.call(LibcCall.MUTEX_LOCK, at(LOCK), number(LONG.toNanos()))
                                .orFail(),
                        r -> r.call(LibcCall.MUTEX_UNLOCK, at(LOCK)).orFail()));

        counts(kernel, "POSIX semaphore", ROUNDS, b -> {
            Operand.Var semaphore = b.var();
            b.call(LibcCall.SEM_OPEN, Operand.text(named.name()), number(0), number(0), number(0))
                    .orFail()
                    .into(semaphore);
            locked(
                            r -> r.call(LibcCall.SEM_WAIT, semaphore, number(LONG.toNanos()))
                                    .orFail(),
                            r -> r.call(LibcCall.SEM_POST, semaphore).orFail())
                    .accept(b);
        });

        counts(kernel, "System V semaphore", ROUNDS, locked(r -> change(r, set, -1), r -> change(r, set, 1)));

        memory.putInt(LOCK, FREE);
        counts(
                kernel,
                "futex lock",
                ROUNDS,
                locked(SynchronisationTests::lockFutex, SynchronisationTests::unlockFutex));
    }

    private void counts(Kernel kernel, String way, long rounds, Consumer<Script.Builder> steps) {
        memory.putLong(COUNTER, 0);
        contend(steps);
        kernel.shows(way, memory.getLongVolatile(COUNTER), 2 * rounds);
    }

    private static Consumer<Script.Builder> locked(Consumer<Script.Builder> lock, Consumer<Script.Builder> unlock) {
        return b -> {
            Operand.Var value = b.var();
            b.repeat(ROUNDS, r -> {
                lock.accept(r);
                increment(r, value);
                unlock.accept(r);
            });
        };
    }

    private static void change(Script.Builder b, SysvSemaphoreSet set, int by) {
        b.call(LibcCall.SEMOP, number(set.id()), number(0), number(by), number(0), number(LONG.toNanos()))
                .orFail();
    }

    private static final int FREE = 0;
    private static final int TAKEN = 1;
    private static final int CONTENDED = 2;

    /** As Drepper has it in "Futexes are tricky". */
    private static void lockFutex(Script.Builder b) {
        Operand.Var before = new Operand.Var(Operand.Var.COUNT);
        b.compareAndExchangeInt(LOCK, FREE, TAKEN)
                .into(before)
                .when(
                        before,
                        Comparison.NOT_EQUAL,
                        FREE,
                        taken -> taken.forever(again -> again.getAndSet(
                                        LOCK, Integer.BYTES, CONTENDED, MemoryOrder.VOLATILE)
                                .into(before)
                                .when(before, Comparison.EQUAL, FREE, Script.Builder::leave)
                                .call(LibcCall.FUTEX_WAIT, at(LOCK), number(CONTENDED), number(LONG.toNanos()))));
    }

    private static void unlockFutex(Script.Builder b) {
        Operand.Var before = new Operand.Var(Operand.Var.COUNT);
        b.getAndSet(LOCK, Integer.BYTES, FREE, MemoryOrder.VOLATILE)
                .into(before)
                .when(before, Comparison.EQUAL, CONTENDED, w -> w.call(LibcCall.FUTEX_WAKE, at(LOCK), number(1)));
    }

    @Rule(
            id = "Y3",
            says =
                    "If the owner is killed, the next to lock a robust mutex gets EOWNERDEAD and can make it consistent; a "
                            + "semaphore stays taken, and SEM_UNDO gives that of System V back.",
            claimed = "")
    void y3(
            Kernel kernel,
            ShmTestkit kit,
            @ShmSemaphore(initial = 1) NamedSemaphore named,
            @ShmSemaphore(initial = 1, semaphores = 2) SysvSemaphoreSet set) {
        memory.mutexAt(LOCK).init();
        long mutex = two.address() + LOCK;
        one.sys().mutexLock(one.address() + LOCK, LONG).orThrow();
        one.sys()
                .semWait(one.sys().semOpen(named.name(), 0, 0, 0).orThrow(), LONG)
                .orThrow();
        one.sys().semop(set.id(), 0, -1, 0, LONG).orThrow();
        one.sys().semop(set.id(), 1, -1, Linux.SEM_UNDO, LONG).orThrow();
        kernel.refuses("the mutex before", two.sys().mutexLock(mutex, NOT_AT_ALL), "ETIMEDOUT", "EBUSY");
        kernel.shows("System V semaphores before", List.of(set.value(0), set.value(1)), List.of(0, 0));

        kernel.shows("the owner", one.kill().toString(), "was killed by SIGKILL");

        kernel.refuses("the mutex", two.sys().mutexLock(mutex, LONG), "EOWNERDEAD");
        kernel.accepts("made consistent", two.sys().mutexConsistent(mutex));
        kernel.accepts("unlocked", two.sys().mutexUnlock(mutex));
        kernel.accepts("locked again", two.sys().mutexLock(mutex, LONG));
        kernel.shows("POSIX semaphore", named.value(), 0);
        kit.await("SEM_UNDO").until(() -> set.value(1) == 1);
        kernel.shows(
                "System V semaphores, without SEM_UNDO and with", List.of(set.value(0), set.value(1)), List.of(0, 1));
    }

    @Rule(
            id = "Y4",
            says =
                    "A flag that is stored with release order after the data, and loaded with acquire order before it: none "
                            + "of a million messages is torn or stale.",
            claimed = "")
    void y4(Kernel kernel) {
        List<Running> running = List.of(
                one.run(meeting(SynchronisationTests::handOver)), two.run(meeting(SynchronisationTests::takeOver)));
        running.get(0).await(LONG);
        ScriptResult taken = running.get(1).await(LONG);

        kernel.shows("messages", memory.getLongVolatile(TAIL), MILLION);
        kernel.shows("torn or stale", taken.value("wrong"), 0L);
    }

    /** A message is its number, twice; its flag is its number too. */
    private static void handOver(Script.Builder b) {
        Operand.Var message = b.var();
        Operand.Var place = b.var();
        Operand.Var free = b.var();
        b.set(message, 0)
                .repeat(
                        MILLION,
                        r -> r.set(free, message)
                                .calculate(free, Arithmetic.SUB, SLOTS)
                                .await(TAIL, Long.BYTES, Comparison.GREATER, free, LONG)
                                .calculate(message, Arithmetic.ADD, 1)
                                .set(place, message)
                                .calculate(place, Arithmetic.MOD, SLOTS)
                                .calculate(place, Arithmetic.MUL, SLOT)
                                .indexed(
                                        place,
                                        x -> x.putLong(RING + 8, message)
                                                .putLong(RING + 16, message)
                                                .put(RING, Long.BYTES, message, MemoryOrder.RELEASE)));
    }

    private static void takeOver(Script.Builder b) {
        Operand.Var message = b.var();
        Operand.Var place = b.var();
        Operand.Var data = b.var();
        Operand.Var wrong = b.var();
        b.set(message, 0)
                .set(wrong, 0)
                .repeat(MILLION, r -> {
                    r.calculate(message, Arithmetic.ADD, 1)
                            .set(place, message)
                            .calculate(place, Arithmetic.MOD, SLOTS)
                            .calculate(place, Arithmetic.MUL, SLOT)
                            .indexed(place, x -> x.await(RING, Long.BYTES, Comparison.EQUAL, message, LONG));
                    for (long word : new long[] {RING + 8, RING + 16}) {
                        r.indexed(place, x -> x.getLong(word))
                                .into(data)
                                .calculate(data, Arithmetic.SUB, message)
                                .when(data, Comparison.NOT_EQUAL, 0, w -> w.calculate(wrong, Arithmetic.ADD, 1));
                    }
                    r.put(TAIL, Long.BYTES, message, MemoryOrder.RELEASE);
                })
                .value(wrong)
                .keep("wrong");
    }

    @Rule(
            id = "Y5",
            says =
                    "A pipe, a POSIX or a System V message queue, or a Unix socket as the doorbell beside a segment: every "
                            + "message arrives, in order.",
            claimed = "")
    void y5(Kernel kernel, ShmTestkit kit, @ShmQueue(messageSize = 8) PosixQueue posix, @ShmQueue SysvQueue sysv) {
        // Inherited by the fork; a queue is reached by its name or id.
        List<Long> pipe = one.sys().pipe().numbers();
        List<Long> sockets =
                one.sys().socketpair(Linux.AF_UNIX, Linux.SOCK_SEQPACKET).numbers();
        NativeHelper receiver = one.fork("receiver");
        Segment inbox = kit.create(SegmentSpec.of(SegmentKind.MEMFD).label("inbox"));
        Segment outbox = kit.create(SegmentSpec.of(SegmentKind.MEMFD).label("outbox"));
        receiver.attach(inbox);
        one.attach(outbox);
        int queue = (int) one.sys().mqOpen(posix.name(), Linux.O_RDWR, 0, 0, 0).orThrow();
        int same =
                (int) receiver.sys().mqOpen(posix.name(), Linux.O_RDWR, 0, 0, 0).orThrow();
        Operand out = Operand.place("outbox", 0);
        Operand in = Operand.place("inbox", 0);
        Operand eight = number(Long.BYTES);
        Operand limit = number(LONG.toNanos());

        rings(
                kernel,
                "pipe",
                receiver,
                s -> s.call(LibcCall.WRITE, number(pipe.get(1)), out, eight),
                r -> r.call(LibcCall.READ, number(pipe.get(0)), in, eight));
        rings(
                kernel,
                "Unix socket",
                receiver,
                s -> s.call(LibcCall.WRITE, number(sockets.get(0)), out, eight),
                r -> r.call(LibcCall.READ, number(sockets.get(1)), in, eight));
        rings(
                kernel,
                "POSIX message queue",
                receiver,
                s -> s.call(LibcCall.MQ_SEND, number(queue), out, eight, number(0), limit),
                r -> r.call(LibcCall.MQ_RECEIVE, number(same), in, eight, limit, number(0)));
        rings(
                kernel,
                "System V message queue",
                receiver,
                s -> s.call(LibcCall.MSGSND, number(sysv.id()), number(1), out, eight, number(0)),
                r -> r.call(LibcCall.MSGRCV, number(sysv.id()), number(0), in, eight, number(0), number(0)));
    }

    /** The sender writes its number into a slot of the segment and rings with it; the receiver looks at both. */
    private void rings(
            Kernel kernel,
            String doorbell,
            NativeHelper receiver,
            Consumer<Script.Builder> ring,
            Consumer<Script.Builder> answer) {
        memory.fill(0, memory.size(), (byte) 0);
        Running receiving = receiver.run(Script.of(b -> {
            Operand.Var message = b.var();
            Operand.Var data = b.var();
            Operand.Var arrived = b.var();
            b.set(message, 0).set(arrived, 0).repeat(MESSAGES, r -> {
                answer.accept(r);
                r.orFail()
                        .calculate(message, Arithmetic.ADD, 1)
                        .in("inbox", x -> x.getLong(0))
                        .into(data)
                        .calculate(data, Arithmetic.SUB, message)
                        .when(data, Comparison.EQUAL, 0, inOrder -> {
                            slot(inOrder, data, message);
                            inOrder.indexed(data, x -> x.getLong(RING))
                                    .into(data)
                                    .calculate(data, Arithmetic.SUB, message)
                                    .when(data, Comparison.EQUAL, 0, w -> w.calculate(arrived, Arithmetic.ADD, 1));
                        })
                        .put(TAIL, Long.BYTES, message, MemoryOrder.RELEASE);
            });
            b.value(arrived).keep("arrived");
        }));
        Running sending = one.run(Script.of(b -> {
            Operand.Var message = b.var();
            Operand.Var place = b.var();
            b.set(message, 0).repeat(MESSAGES, r -> {
                r.set(place, message)
                        .calculate(place, Arithmetic.SUB, SLOTS)
                        .await(TAIL, Long.BYTES, Comparison.GREATER, place, LONG)
                        .calculate(message, Arithmetic.ADD, 1);
                slot(r, place, message);
                r.indexed(place, x -> x.putLong(RING, message)).in("outbox", x -> x.putLong(0, message));
                ring.accept(r);
                r.orFail();
            });
        }));
        sending.await(LONG);
        kernel.shows(doorbell, receiving.await(LONG).value("arrived"), (long) MESSAGES);
    }

    private static void slot(Script.Builder b, Operand.Var place, Operand.Var message) {
        b.set(place, message).calculate(place, Arithmetic.MOD, SLOTS).calculate(place, Arithmetic.MUL, SLOT);
    }
}
