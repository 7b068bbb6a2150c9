package io.github.shmkit.field;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@Program(
        name = "Boost.Interprocess",
        debian = "libboost-dev",
        needs = {
            @Needs(file = "g++", debian = "g++"),
            @Needs(file = "/usr/include/boost/interprocess/managed_shared_memory.hpp", debian = "libboost-dev")
        })
class BoostTests {
    private static final String NAME = "field-boost";
    private static final Path MEMORY = Path.of("/dev/shm", NAME);
    private static final Path MUTEX = Path.of("/dev/shm/sem." + NAME + "-mutex");

    @TempDir
    private static Path folder;

    private static String program;

    @BeforeAll
    static void compile() throws Exception {
        program = Programs.compile(folder, "boost.cpp", "-lrt", "-pthread");
    }

    @AfterEach
    void remove() throws IOException {
        Files.deleteIfExists(MEMORY);
        Files.deleteIfExists(MUTEX);
    }

    private static CommandHelper.Builder boost(ShmTestkit kit, String helper, String... operation) {
        String[] argv = new String[operation.length + 2];
        argv[0] = program;
        argv[1] = NAME;
        System.arraycopy(operation, 0, argv, 2, operation.length);
        return kit.command(helper, argv);
    }

    @Tag("slow")
    @EachCrashPoint
    @Asked(
            operation = "managed_shared_memory.find_or_construct",
            question = "Can another process construct an object after one died constructing?",
            answer =
                    "No, while the dead one holds the segment's mutex, which is from the first store to the last but one.",
            points = 41,
            stuck = 39,
            report = "https://github.com/boostorg/interprocess/issues/65")
    void construct(CrashPoint at, ShmTestkit kit) {
        Programs.run(boost(kit, "creator", "create"));

        at.runAndCrash(boost(kit, "first", "construct", "x"), MEMORY);

        at.othersGoOn(boost(kit, "second", "construct", "y"));
    }

    @EachCrashPoint
    @Asked(
            operation = "named_mutex, locked and unlocked",
            question = "Can another process lock it after its owner died?",
            answer = "No: it is a semaphore, which knows no owner.",
            points = 2,
            stuck = 1,
            report = "https://github.com/boostorg/interprocess/issues/74")
    void namedMutex(CrashPoint at, ShmTestkit kit) {
        Programs.run(boost(kit, "creator", "create"));

        at.runAndCrash(boost(kit, "owner", "mutex"), MUTEX);

        at.othersGoOn(boost(kit, "next owner", "mutex"));
    }

    @EachCrashPoint
    @Asked(
            operation = "interprocess_condition.notify_all",
            question = "Does another process notify after one died notifying?",
            answer = "No, while the dead one holds the mutex of the condition.",
            points = 14,
            stuck = 12,
            report = "https://github.com/boostorg/interprocess/issues/200")
    void condition(CrashPoint at, ShmTestkit kit) {
        Programs.run(boost(kit, "creator", "create"));

        at.runAndCrash(boost(kit, "notifier", "notify"), MEMORY);

        at.othersGoOn(boost(kit, "next notifier", "notify"));
    }
}
