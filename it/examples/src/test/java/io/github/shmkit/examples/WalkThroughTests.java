package io.github.shmkit.examples;

import static io.github.shmkit.SegmentKind.MEMFD;
import static io.github.shmkit.SegmentKind.MMAP_FILE;
import static io.github.shmkit.SegmentKind.POSIX_SHM;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Futex;
import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmSemaphore;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.SysCalls;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The two processes that every tutorial has, with a native helper, another JVM and a program of one's own as the second.
 *
 * <p>One writes "ping"; the other reads that, and writes "pong" behind it.
 */
@ExtendWith(ShmExtension.class)
class WalkThroughTests {
    private static final byte[] PING = "ping".getBytes(US_ASCII);
    private static final byte[] PONG = "pong".getBytes(US_ASCII);
    private static final int SIZE = 4096;
    private static final Duration LONG = Duration.ofSeconds(30);

    private static String walk = "";

    /** The program of one's own. */
    @BeforeAll
    static void compile(ShmTestkit kit) {
        walk = kit.compile(Path.of("src/test/c/walk.c"), "-pthread").toString();
    }

    private static void reads(NativeHelper helper) {
        assertThat(helper.getBytes(0, PING.length)).isEqualTo(PING);
        helper.putBytes(PING.length, PONG);
    }

    private static void reads(JvmHelper helper) {
        byte[] read = helper.call(context -> {
            Segment memory = context.segment();
            memory.putBytes(4, new byte[] {'p', 'o', 'n', 'g'});
            return memory.getBytes(0, 4);
        });
        assertThat(read).isEqualTo(PING);
    }

    private static void reads(CommandHelper helper) {
        assertThat(helper.awaitExit()).as("stderr: %s", helper.stderr().text()).isEqualTo(Exit.code(0));
        assertThat(helper.stdout().lines()).containsExactly("ping");
    }

    /** The test maps a file and writes; another process maps it too, and reads. */
    @Nested
    class WriterAndReaderOverAFile {
        @Shm(kind = MMAP_FILE)
        private Segment file;

        @BeforeEach
        void write() {
            file.putBytes(0, PING);
        }

        @Test
        void nativeReader(ShmTestkit kit) {
            reads(kit.nativeHelper("reader").attach(file).start());
        }

        @Test
        void jvmReader(ShmTestkit kit) {
            reads(kit.jvm("reader").attach(file).start());
        }

        @Test
        void commandReader(ShmTestkit kit) {
            reads(kit.command("reader", walk, "file", "{path}").attach(file).start());
        }

        @AfterEach
        void answered() {
            assertThat(file.getBytes(PING.length, PONG.length)).isEqualTo(PONG);
        }
    }

    /** Memory without a name: a child has it because its parent had it. */
    @Nested
    class ParentAndChildOverAnonymousMemory {
        @Test
        void nativeChild(ShmTestkit kit) {
            NativeHelper parent = kit.nativeHelper("parent").start();
            int readAndWrite = Linux.PROT_READ | Linux.PROT_WRITE;
            long memory = parent.sys()
                    .mmap(0, SIZE, readAndWrite, Linux.MAP_SHARED | Linux.MAP_ANONYMOUS, -1, 0)
                    .orThrow();
            parent.at(memory).putBytes(0, PING);

            NativeHelper child = parent.fork("child");

            assertThat(child.at(memory).getBytes(0, PING.length)).isEqualTo(PING);
            child.at(memory).putBytes(PING.length, PONG);
            assertThat(parent.at(memory).getBytes(PING.length, PONG.length)).isEqualTo(PONG);
        }

        /** A JVM cannot fork; what has no name either, but can be handed on, is a memfd. */
        @Test
        void jvmChild(@Shm(kind = MEMFD) Segment memory, ShmTestkit kit) {
            memory.putBytes(0, PING);
            reads(kit.jvm("child").attach(memory).start());
            assertThat(memory.getBytes(PING.length, PONG.length)).isEqualTo(PONG);
        }

        /** A program inherits its descriptor. */
        @Test
        void commandChild(@Shm(kind = MEMFD) Segment memory, ShmTestkit kit) {
            memory.putBytes(0, PING);
            reads(kit.command("child", walk, "inherited", "{fd}").attach(memory).start());
            assertThat(memory.getBytes(PING.length, PONG.length)).isEqualTo(PONG);
        }
    }

    /** shm_open by one name. */
    @Nested
    class PosixWriterAndReader {
        @Shm(kind = POSIX_SHM)
        private Segment memory;

        @BeforeEach
        void write() {
            memory.putBytes(0, PING);
        }

        @Test
        void nativeReader(ShmTestkit kit) {
            reads(kit.nativeHelper("reader").attach(memory).start());
        }

        @Test
        void jvmReader(ShmTestkit kit) {
            reads(kit.jvm("reader").attach(memory).start());
        }

        @Test
        void commandReader(ShmTestkit kit) {
            reads(kit.command("reader", walk, "posix", "{name}").attach(memory).start());
        }

        @AfterEach
        void answered() {
            assertThat(memory.getBytes(PING.length, PONG.length)).isEqualTo(PONG);
        }
    }

    /** Server and client know one file and one letter: ftok makes the key of them. */
    @Nested
    class SystemVServerAndClient {
        @Shm(kind = MMAP_FILE)
        private Path known;

        private SysCalls server;
        private int id;
        private int key;
        private Segment memory;

        @BeforeEach
        void serve(ShmTestkit kit) {
            server = kit.nativeHelper("server").start().sys();
            key = (int) server.ftok(known.toString(), 'W').orThrow();
            id = (int) server.shmget(key, SIZE, Linux.IPC_CREAT | Linux.IPC_EXCL | 0600)
                    .orThrow();
            memory = kit.adopt(new SegmentAddress.BySysv(id, key, SIZE));
            memory.putBytes(0, PING);
        }

        @Test
        void nativeClient(ShmTestkit kit) {
            NativeHelper client = kit.nativeHelper("client").start();
            int same = (int) client.sys().ftok(known.toString(), 'W').orThrow();
            long there = client.sys()
                    .shmat((int) client.sys().shmget(same, 0, 0).orThrow(), 0, 0)
                    .orThrow();
            assertThat(client.at(there).getBytes(0, PING.length)).isEqualTo(PING);
            client.at(there).putBytes(PING.length, PONG);
        }

        /** Java has no ftok; another JVM is told the segment that the test has found by it. */
        @Test
        void jvmClient(ShmTestkit kit) {
            reads(kit.jvm("client").attach(memory).start());
        }

        @Test
        void commandClient(ShmTestkit kit) {
            reads(kit.command("client", walk, "ftok", known.toString()).start());
        }

        @AfterEach
        void answeredAndRemoved() {
            byte[] answer = memory.getBytes(PING.length, PONG.length);
            server.shmctl(id, Linux.IPC_RMID).orThrow();
            assertThat(answer).isEqualTo(PONG);
        }
    }

    /** Numbers go through a ring of slots; the semaphores count the empty ones and the full ones. */
    @Nested
    class ProducerAndConsumerWithSemaphores {
        private static final int SLOTS = 8;
        private static final int COUNT = 100;

        @Shm(kind = POSIX_SHM)
        private Segment ring;

        @ShmSemaphore(initial = SLOTS)
        private NamedSemaphore empty;

        @ShmSemaphore
        private NamedSemaphore full;

        private static long slot(int i) {
            return (long) Integer.BYTES * (i % SLOTS);
        }

        private void consume() {
            for (int i = 0; i < COUNT; i++) {
                full.acquire(LONG);
                assertThat(ring.getInt(slot(i))).isEqualTo(i + 1);
                empty.release();
            }
        }

        @Test
        void nativeProducer(ShmTestkit kit) {
            NativeHelper producer = kit.nativeHelper("producer").attach(ring).start();
            Running producing = producer.run(Script.of(b -> {
                Operand.Var emptySlots = open(b, empty);
                Operand.Var fullSlots = open(b, full);
                for (int i = 0; i < COUNT; i++) {
                    b.call(LibcCall.SEM_WAIT, emptySlots, Operand.number(LONG.toNanos()))
                            .orFail()
                            .putInt(slot(i), i + 1)
                            .call(LibcCall.SEM_POST, fullSlots)
                            .orFail();
                }
            }));
            consume();
            producing.await();
        }

        private static Operand.Var open(Script.Builder b, NamedSemaphore semaphore) {
            Operand.Var address = b.var();
            Operand none = Operand.number(0);
            b.call(LibcCall.SEM_OPEN, Operand.text(semaphore.name()), none, none, none)
                    .orFail()
                    .into(address);
            return address;
        }

        @Test
        void commandProducer(ShmTestkit kit) {
            String slots = Integer.toString(SLOTS);
            String count = Integer.toString(COUNT);
            CommandHelper producer = kit.command(
                            "producer", walk, "produce", "{name}", empty.name(), full.name(), slots, count)
                    .attach(ring)
                    .start();
            consume();
            assertThat(producer.awaitExit())
                    .as("stderr: %s", producer.stderr().text())
                    .isEqualTo(Exit.code(0));
        }

        /** Java has no semaphores that processes share; two of its own, in the segment, are made of futexes. */
        @Test
        void jvmProducer(ShmTestkit kit) {
            SharedSemaphore emptySlots = new SharedSemaphore(ring, SharedSemaphore.EMPTY);
            SharedSemaphore fullSlots = new SharedSemaphore(ring, SharedSemaphore.FULL);
            ring.putIntVolatile(SharedSemaphore.EMPTY, SLOTS);
            Remote<Integer> produced = kit.jvm("producer").attach(ring).start().submit(context -> {
                SharedSemaphore free = new SharedSemaphore(context.segment(), SharedSemaphore.EMPTY);
                SharedSemaphore filled = new SharedSemaphore(context.segment(), SharedSemaphore.FULL);
                for (int i = 0; i < COUNT; i++) {
                    free.acquire();
                    context.segment().putInt(slot(i), i + 1);
                    filled.release();
                }
                return COUNT;
            });
            for (int i = 0; i < COUNT; i++) {
                fullSlots.acquire();
                assertThat(ring.getInt(slot(i))).isEqualTo(i + 1);
                emptySlots.release();
            }
            assertThat(produced.await()).isEqualTo(COUNT);
        }
    }

    /** A semaphore of 4 bytes in a segment: a count, and a futex to wait for it to change. */
    private record SharedSemaphore(Segment memory, long offset) {
        static final long EMPTY = 2048;
        static final long FULL = 2112;

        void acquire() {
            Futex futex = memory.futexAt(offset);
            while (true) {
                int count = memory.getIntVolatile(offset);
                if (count == 0) {
                    futex.await(0, LONG);
                } else if (memory.compareAndSetInt(offset, count, count - 1)) {
                    return;
                }
            }
        }

        void release() {
            memory.getAndAddInt(offset, 1);
            memory.futexAt(offset).wake(1);
        }
    }
}
