package io.github.shmkit.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.EachCrashPoint.Points;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/**
 * Boost.Interprocess 1.74, of Debian 12: a message queue whose user dies while it has the queue's mutex hangs all others.
 * Known as https://github.com/boostorg/interprocess/issues/163 and https://github.com/boostorg/interprocess/issues/226.
 */
@Timeout(60)
class BoostMessageQueueTests {
    @TempDir
    private static Path folder;

    private static Path program;

    private final String name = "shmkit-boost-" + ProcessHandle.current().pid();
    private final Path object = Path.of("/dev/shm", name);

    @BeforeAll
    static void compile() throws Exception {
        program = Programs.compile(
                folder, "g++", "message_queue.cpp", "boost/interprocess/ipc/message_queue.hpp", "-lrt", "-pthread");
    }

    @AfterEach
    void remove() throws IOException {
        Files.deleteIfExists(object);
    }

    private CommandHelper.Builder queue(ShmTestkit kit, String helper, String... arguments) {
        String[] argv = new String[arguments.length + 2];
        argv[0] = program.toString();
        argv[1] = name;
        System.arraycopy(arguments, 0, argv, 2, arguments.length);
        return kit.command(helper, argv);
    }

    /** Store 1 takes the mutex, store 10 releases it. */
    @EachCrashPoint(points = Points.STORES)
    void aSenderThatDiesHangsOthersAfterNineOfTenStores(CrashPoint at, ShmTestkit kit) {
        Programs.run(queue(kit, "creator", "create"));
        Programs.run(queue(kit, "first sender", "send", "message 0"));

        at.runAndCrash(queue(kit, "sender", "send", "message 1"), object);

        assertThat(at.steps()).isLessThanOrEqualTo(10);
        if (at.steps() >= 1 && at.steps() <= 9) {
            assertHang(at, queue(kit, "receiver", "receive", "1"));
        } else {
            at.othersGoOn(queue(kit, "receiver", "receive", "1"));
        }
    }

    /** At once: the only other process waits for the mutex, at 0x30. */
    private void assertHang(CrashPoint at, CommandHelper.Builder receiver) {
        assertThatThrownBy(() -> at.othersGoOn(receiver))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("waits for ever in futex(2) at " + name + "+0x30, where the int is 2, in ")
                .hasMessageContaining(name + "+0x30 was written last by helper '")
                .hasMessageContaining("(pthread_mutex_lock)");
    }

    @EachCrashPoint(points = Points.STORES)
    void aReceiverThatDiesHangsOthersAfterSevenOfTenStores(CrashPoint at, ShmTestkit kit) {
        Programs.run(queue(kit, "creator", "create"));
        Programs.run(queue(kit, "sender", "send", "message 0", "message 1"));

        at.runAndCrash(queue(kit, "receiver", "receive", "1"), object);

        assertThat(at.steps()).isLessThanOrEqualTo(10);
        if (at.steps() >= 1 && at.steps() <= 7) {
            assertHang(at, queue(kit, "next receiver", "receive", "1"));
        } else if (at.steps() >= 0) {
            at.othersGoOn(queue(kit, "next receiver", "receive", "1"));
        }
    }
}
