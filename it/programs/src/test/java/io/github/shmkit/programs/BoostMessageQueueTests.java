package io.github.shmkit.programs;

import static org.assertj.core.api.Assertions.assertThat;

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

        boolean hangs = at.steps() >= 1 && at.steps() <= 9;
        assertThat(at.steps()).isLessThanOrEqualTo(10);
        assertThat(Programs.goesOn(queue(kit, "receiver", "receive", "1"))).isEqualTo(!hangs);
    }

    @EachCrashPoint(points = Points.STORES)
    void aReceiverThatDiesHangsOthersAfterSevenOfTenStores(CrashPoint at, ShmTestkit kit) {
        Programs.run(queue(kit, "creator", "create"));
        Programs.run(queue(kit, "sender", "send", "message 0", "message 1"));

        at.runAndCrash(queue(kit, "receiver", "receive", "1"), object);

        boolean hangs = at.steps() >= 1 && !Programs.goesOn(queue(kit, "next receiver", "receive", "1"));
        assertThat(at.steps()).isLessThanOrEqualTo(10);
        assertThat(hangs).isEqualTo(at.steps() >= 1 && at.steps() <= 7);
    }
}
