package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@Program(name = "libqb", debian = "libqb-dev", needs = @Needs(file = "/usr/include/qb/qbrb.h", debian = "libqb-dev"))
class LibqbTests {
    private static final String NAME = "field";
    private static final Path HEADER = Path.of("/dev/shm/qb-field-header");
    private static final Path DATA = Path.of("/dev/shm/qb-field-data");

    @TempDir
    private static Path folder;

    private static String program;

    @BeforeAll
    static void compile() throws Exception {
        program = Programs.compile(folder, "ring_buffer.c", "-lqb");
    }

    @AfterEach
    void remove() throws IOException {
        Files.deleteIfExists(HEADER);
        Files.deleteIfExists(DATA);
    }

    @EachCrashPoint
    @Asked(
            operation = "qb_rb_chunk_write",
            question = "Does another writer's chunk come through, and of the dead one's all or nothing?",
            answer =
                    "Not if the first writer died between moving the end of the ring and marking its chunk: then nothing comes through, nor what is written later.",
            points = 11,
            wrong = 2)
    void write(CrashPoint at, ShmTestkit kit) {
        Programs.run(kit.command("creator", program, NAME, "create"));

        at.runAndCrash(kit.command("writer", program, NAME, "write", "the first chunk"), HEADER, DATA);

        Programs.run(kit.command("next writer", program, NAME, "write", "the second chunk"));
        List<String> read = Programs.run(kit.command("reader", program, NAME, "read"))
                .lines()
                .toList();
        assertThat(read).endsWith("the second chunk").isSubsetOf("the first chunk", "the second chunk");
    }
}
