package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SharedMutex;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * This JVM, helpers and a program of somebody else's, linked dynamically with glibc, exclude each other and see each
 * other's death. A program built with musl does not: it is the control, and why ours are built with glibc.
 */
@Timeout(120)
class ForeignProgramTests {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final int MUTEX = 64;
    private static final int ROUNDS = 20_000;

    @TempDir
    private Path dir;

    private final Session session = Session.open();
    private final SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
    private final JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), false);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Segment segment;
    private SharedMutex mutex;
    private NamedSemaphore semaphore;

    @BeforeEach
    void create() {
        segment = opened(
                session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(4096).label("data")));
        mutex = segment.mutexAt(MUTEX).init();
        semaphore = opened(session.createSemaphore("guard", 1));
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable o : opened) {
            o.close();
        }
        checkpoints.close();
        launcher.close();
        var reaped = session.end();
        assertThat(reaped.processes() + reaped.removed()).isZero();
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(0, closeable);
        return closeable;
    }

    /** The program, which answers a line for a line. */
    private record Foreign(Process process, BufferedWriter in, BufferedReader out) implements AutoCloseable {
        String ready() throws IOException {
            return out.readLine();
        }

        void ask(String word) throws IOException {
            in.write(word + "\n");
            in.flush();
        }

        String answer() throws IOException {
            return out.readLine();
        }

        String does(String word) throws IOException {
            ask(word);
            return answer();
        }

        void kill() {
            process.destroyForcibly().onExit().join();
        }

        @Override
        public void close() {
            kill();
        }
    }

    private Foreign foreign(String... compiler) throws Exception {
        String path = ((SegmentAddress.ByPath) segment.address()).path();
        Process process = new ProcessBuilder(
                        CProgram.compile(dir, "sync_peer.c", compiler).toString(),
                        path,
                        Integer.toString(MUTEX),
                        semaphore.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return opened(new Foreign(
                process,
                process.outputWriter(StandardCharsets.US_ASCII),
                process.inputReader(StandardCharsets.US_ASCII)));
    }

    private Foreign glibc() throws Exception {
        Foreign program = foreign("cc", "-pthread");
        assertThat(program.ready()).isEqualTo("ready");
        assertThat(Files.readString(
                        Path.of("/proc", Long.toString(program.process().pid()), "maps")))
                .as("linked dynamically")
                .contains("libc.so.6");
        return program;
    }

    private Foreign musl() throws Exception {
        assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v musl-gcc").start().waitFor() == 0,
                "the control needs musl-gcc (apt-get install musl-tools)");
        return foreign("musl-gcc", "-static");
    }

    private NativeHelper helper() {
        return opened(new NativeHelpers(session.supervisor(), new Timeouts(1))
                .helper("native")
                .attach(segment)
                .start());
    }

    private JvmHelper jvm() {
        return opened(new JvmHelpers(launcher, checkpoints, new Timeouts(1))
                .jvm("jvm")
                .attach(segment)
                .start());
    }

    // --- exclusion ---

    @Test
    @SuppressWarnings("serial") // javac warns of what lambdas of a test use of it
    void theMutexExcludesAll() throws Exception {
        Foreign program = glibc();
        JvmHelper jvm = jvm();
        program.ask("count " + ROUNDS);
        var theirs = jvm.submit(context -> {
            count(context.segment(), context.segment().mutexAt(MUTEX));
            return null;
        });
        count(segment, mutex);
        theirs.await();

        assertThat(program.answer()).isEqualTo("Success");
        assertThat(segment.getLong(0)).isEqualTo(3 * ROUNDS);
    }

    private static void count(Segment where, SharedMutex guard) {
        for (int i = 0; i < ROUNDS; i++) {
            guard.lock(LONG);
            where.putLong(0, where.getLong(0) + 1);
            guard.unlock();
        }
    }

    @Test
    void theSemaphoreIsOneForAll() throws Exception {
        Foreign program = glibc();
        NativeHelper helper = helper();
        long theirs = helper.sys().semOpen(semaphore.name(), 0, 0, 0).orThrow();

        assertThat(program.does("sem")).isEqualTo("Success");
        assertThat(semaphore.tryAcquire()).isFalse();
        assertThat(helper.sys().semWait(theirs, Duration.ZERO).errno()).isEqualTo("EAGAIN");
        assertThat(program.does("post")).isEqualTo("Success");
        helper.sys().semWait(theirs, Duration.ZERO).orThrow();
        assertThat(program.does("trysem")).isEqualTo("Resource temporarily unavailable");
    }

    // --- death ---

    @Test
    void theDeathOfAForeignOwnerIsSeen() throws Exception {
        Foreign program = glibc();
        assertThat(program.does("mutex")).isEqualTo("Success");
        assertThatThrownBy(() -> mutex.lock(SHORT)).isInstanceOf(ShmException.class);
        program.kill();

        assertThat(mutex.lock(LONG)).isEqualTo(SharedMutex.State.OWNER_DIED);
        mutex.markConsistent();
        mutex.unlock();
    }

    @Test
    void theDeathOfANativeHelperIsSeen() throws Exception {
        Foreign program = glibc();
        NativeHelper owner = helper();
        owner.sys().mutexLock(owner.address("data") + MUTEX, LONG).orThrow();
        assertThat(program.does("mutex")).isEqualTo("Connection timed out");
        owner.kill();

        assertThat(program.does("mutex")).isEqualTo("Owner died");
        assertThat(program.does("unlock")).isEqualTo("Success");
        assertThat(mutex.lock(LONG)).isEqualTo(SharedMutex.State.CONSISTENT);
        mutex.unlock();
    }

    @Test
    @SuppressWarnings("serial") // javac warns of what lambdas of a test use of it
    void theDeathOfAJvmHelperIsSeenByAll() throws Exception {
        Foreign program = glibc();
        JvmHelper owner = jvm();
        owner.submit(context -> {
            context.segment().mutexAt(MUTEX).lock(LONG);
            context.reach("locked");
            Thread.sleep(LONG.toMillis());
            return null;
        });
        checkpoints.await("locked");
        assertThat(program.does("mutex")).isEqualTo("Connection timed out");
        owner.kill();

        assertThat(program.does("mutex")).isEqualTo("Owner died");
        assertThat(program.does("unlock")).isEqualTo("Success");
        NativeHelper next = helper();
        assertThat(next.sys().mutexLock(next.address("data") + MUTEX, LONG).succeeded())
                .isTrue();
    }

    // --- the control ---

    @Test
    void aMuslProgramFindsOtherSemaphores() throws Exception {
        assertThat(musl().ready()).isEqualTo("no semaphore");
    }

    /** Its mutexes have their state elsewhere in the same 40 bytes. */
    @Test
    void aMuslProgramNeitherExcludesNorTellsOfItsDeath() throws Exception {
        Foreign program = musl();
        program.ready();
        assertThat(program.does("mutex")).isEqualTo("No error information");
        assertThat(mutex.lock(LONG)).as("while it has it").isEqualTo(SharedMutex.State.CONSISTENT);
        mutex.unlock();
        program.kill();

        assertThat(mutex.lock(LONG)).isEqualTo(SharedMutex.State.CONSISTENT);
        mutex.unlock();
    }
}
