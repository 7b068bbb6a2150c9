package io.github.shmkit.junit;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.process.Checkpoints;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.AccessLog;
import io.github.shmkit.trace.Held;
import java.nio.file.Path;
import java.util.Random;

/**
 * What a test can ask for at run time: more segments, other processes, and waiting for them.
 *
 * <p>A parameter of this type is given one wherever {@link ShmExtension} is registered: in a class that says so by
 * {@code @ExtendWith(ShmExtension.class)} or has an {@link Shm} on a field, and in a method with an {@link Shm} on a
 * parameter. All that is made through it ends with the test; if the parameter is one of a {@code @BeforeAll} method,
 * with the class.
 *
 * <p>May be used by any thread until then; afterwards its methods throw {@link IllegalStateException}.
 *
 * @since 0.1.0
 */
public interface ShmTestkit {
    /**
     * Makes and maps a segment.
     *
     * @param spec what is wanted
     * @return the segment, which is closed for you
     * @throws io.github.shmkit.ShmException if it cannot be had, with the reason and the remedy
     */
    Segment create(SegmentSpec spec);

    /**
     * Maps a segment that the code under test made, to look at it and to share it with helpers.
     *
     * <pre>{@code
     * Segment ring = kit.adopt(new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, "/dev/shm/my-ring", 4096));
     * }</pre>
     *
     * <p>It stays its maker's: its close, at the end of the test at the latest, takes this mapping away and nothing else.
     * Whoever wants the object removed asks for it, by {@link Faults#unlink}. What is adopted is part of the report if the
     * test fails, and its maker's other mappings are no leaks of this test.
     *
     * @param existing what it is reached by; of a System V segment its exact size and its key, of others at most as many
     *     bytes as they have
     * @return the segment, named by what it is reached by
     * @throws io.github.shmkit.ShmException if there is no such object, or it is another one than is said
     */
    Segment adopt(SegmentAddress existing);

    /**
     * Makes a POSIX named semaphore.
     *
     * @param label its name in reports, not empty
     * @param initial what it has at first, at least 0
     * @return the semaphore, which is removed for you
     * @throws io.github.shmkit.ShmException if it cannot be had, with the reason and the remedy
     */
    NamedSemaphore semaphore(String label, int initial);

    /**
     * Makes a System V semaphore set.
     *
     * @param label its name in reports, not empty
     * @param semaphores how many it has, at least 1
     * @param initial what each has at first, 0 to 32767
     * @return the set, which is removed for you
     * @throws io.github.shmkit.ShmException if it cannot be had, with the reason and the remedy
     */
    SysvSemaphoreSet semaphoreSet(String label, int semaphores, int initial);

    /**
     * Makes a POSIX message queue.
     *
     * @param label its name in reports, not empty
     * @param messages how many it holds, at least 1
     * @param messageSize bytes that each can have, at least 1
     * @return the queue, which is removed for you
     * @throws io.github.shmkit.ShmException if it cannot be had, with the reason and the remedy
     */
    PosixQueue queue(String label, int messages, int messageSize);

    /**
     * Makes a System V message queue.
     *
     * @param label its name in reports, not empty
     * @return the queue, which is removed for you
     * @throws io.github.shmkit.ShmException if it cannot be had, with the reason and the remedy
     */
    SysvQueue sysvQueue(String label);

    /**
     * Describes a native helper: a small process that does what the test tells it.
     *
     * <pre>{@code
     * NativeHelper reader = kit.nativeHelper("reader").attach(segment).start();
     * }</pre>
     *
     * <p>It is ended for you. If it ends before that by a signal or with a code other than 0, and the test did not
     * declare that by {@code expectExit}, the test fails with a {@link HelperFailure}; and so it does if a declared end
     * has not come 2 s after the test.
     *
     * @param name its name in reports, not empty
     * @return what starts it
     */
    NativeHelper.Builder nativeHelper(String name);

    /**
     * Describes a program of your own that takes part in the test, without a shell in between.
     *
     * <pre>{@code
     * CommandHelper reader = kit.command("reader", "./build/reader", "--name={name}").attach(segment).start();
     * }</pre>
     *
     * <p>It is ended for you, and its end counts as that of a native helper does. What it starts itself has to end with
     * it: a process that is left is a leak.
     *
     * @param name its name in reports, not empty
     * @param argv the program and its arguments, which may hold placeholders
     * @return what starts it
     */
    CommandHelper.Builder command(String name, String... argv);

    /**
     * Compiles a program in C or C++ that includes {@code shmkit.h}, which finds the test's segments and checkpoints.
     *
     * <pre>{@code
     * Path writer = kit.compile(Path.of("src/test/c/writer.c"), "-pthread");
     * kit.command("writer", writer.toString()).attach(ring).start();
     * }</pre>
     *
     * <p>By {@code cc}, or {@code c++} for sources that do not end in {@code .c}; the environment variables {@code CC} and
     * {@code CXX} name others. The program is in the folder of {@link #artifacts()} and goes with it.
     *
     * @param source the only one, or the first of those that {@code options} name
     * @param options for the compiler, besides {@code -I} for {@code shmkit.h} and {@code -o}
     * @return the program
     * @throws io.github.shmkit.ShmException if it does not compile, with what the compiler said, or there is no compiler
     */
    Path compile(Path source, String... options);

    /**
     * Runs a program to its end and returns what it did to shared memory: each of its stores into the segments that are
     * attached to it.
     *
     * <pre>{@code
     * AccessLog log = kit.record(kit.command("writer", "./writer", "{path}").attach(ring));
     * }</pre>
     *
     * <p>The program is unmodified and does what it does otherwise, but slower: a store takes some 30 microseconds.
     * It runs without the rights of setuid programs, and {@code io_uring_setup} fails with ENOSYS. Only on x86-64.
     *
     * @param program from this kit, not started
     * @param files other objects that it may write, which it may create itself
     * @return what it did, in the order in which it happened
     * @throws io.github.shmkit.ShmException if it cannot be traced here, with the reason, or does not end
     */
    AccessLog record(CommandHelper.Builder program, Path... files);

    /**
     * Runs a task in a JVM of its own and returns what it did to shared memory, from its first instruction to its last.
     *
     * <pre>{@code
     * AccessLog log = kit.record(kit.jvm("writer").attach(ring), context -> new Ring(context.segment().buffer()).offer(1));
     * }</pre>
     *
     * <p>The JVM exits with 0 after it. What other threads of that JVM store into the segments meanwhile is recorded as well.
     *
     * @param jvm from this kit, not started
     * @param task what it does
     * @param files other objects that it may write, which it may create itself
     * @return what it did, in the order in which it happened
     * @throws AssertionError the one that ended the task
     * @throws io.github.shmkit.process.RemoteCallException if another exception ended the task
     * @throws io.github.shmkit.ShmException if it cannot be traced here, with the reason, or does not end
     */
    AccessLog record(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files);

    /**
     * Starts a program and holds it before its first access to the segments that are attached to it: loads count as well.
     *
     * <pre>{@code
     * try (Held writer = kit.hold(kit.command("writer", "./writer", "{path}").attach(box))) {
     *     writer.stepUntil(store(8));
     *     assertThat(new Mailbox(box.buffer()).read()).isEmpty();
     * }
     * }</pre>
     *
     * <p>Two programs that are held can be let go by turns. The program is unmodified; only on x86-64.
     *
     * @param program from this kit, not started
     * @param files other objects that it may access, which it may create itself
     * @return the program, held; its {@code close} lets it go on to its end, which must be a good one
     * @throws io.github.shmkit.ShmException if it cannot be traced here, with the reason
     */
    Held hold(CommandHelper.Builder program, Path... files);

    /**
     * Starts a JVM that does a task, and holds it before the first access of the task.
     *
     * @param jvm from this kit, not started
     * @param task what it does; what it captures is copied
     * @param files other objects that it may access, which it may create itself
     * @return the JVM, held; its {@code close} lets the task go on to its end, which must be a good one
     * @throws io.github.shmkit.ShmException if it cannot be traced here, with the reason
     */
    Held hold(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files);

    /**
     * Describes another JVM, which runs what the test hands it.
     *
     * <pre>{@code
     * JvmHelper peer = kit.jvm("peer").attach(segment).start();
     * long value = peer.call(context -> context.segment().getLongAcquire(0));
     * }</pre>
     *
     * <p>It is ended for you, and its end counts as that of a native helper does.
     *
     * @param name its name in reports, not empty
     * @return what starts it
     */
    JvmHelper.Builder jvm(String name);

    /**
     * Where the processes of this test meet.
     *
     * @return the same checkpoints each time, which the helpers of this test take part in
     */
    Checkpoints checkpoints();

    /**
     * Does harm to segments and helpers.
     *
     * @return the faults
     */
    Faults faults();

    /**
     * Looks for shared objects that code under test leaves.
     *
     * @return the probe
     */
    LeakProbe leaks();

    /**
     * A folder for what this test wants to leave for reports. If the test passes it is removed at the end.
     *
     * @return an existing folder of this test alone
     */
    Path artifacts();

    /**
     * Chance that can be had again: a failed test tells the seed, and {@code -Dshmkit.seed=…} repeats it.
     *
     * @return the same object each time
     */
    Random random();

    /**
     * Begins a wait that ends at once when a helper of this test dies and that was not declared.
     *
     * @return a wait without a name
     */
    ShmAwait await();

    /**
     * Begins a wait that ends at once when a helper of this test dies and that was not declared.
     *
     * @param alias what is waited for, for the message
     * @return a wait of this name
     */
    ShmAwait await(String alias);
}
