package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Program(name = "Python", debian = "python3", needs = @Needs(file = "/usr/bin/python3", debian = "python3-minimal"))
class PythonTests {
    private static final String NAME = "field-python";
    private static final Path MEMORY = Path.of("/dev/shm", NAME);
    /** The tracker would remove what its process has opened. */
    private static final String LIST = "from multiprocessing import resource_tracker, shared_memory\n"
            + "resource_tracker.register = print\n" + "list = shared_memory.ShareableList(%s name='" + NAME + "')\n";

    @AfterEach
    void remove() throws IOException {
        Files.deleteIfExists(MEMORY);
    }

    private static CommandHelper.Builder python(ShmTestkit kit, String helper, String code) {
        return kit.command(helper, "/usr/bin/python3", "-S", "-c", code);
    }

    @EachCrashPoint
    @Asked(
            operation = "ShareableList, an element assigned",
            question = "Does another process read the old element or the new one?",
            answer =
                    "Not while value and format disagree: the reader gets padding, a text of the wrong type or a ValueError.",
            points = 6,
            torn = 3,
            wrong = 1,
            report = "https://github.com/python/cpython/issues/81833")
    void shareableList(CrashPoint at, ShmTestkit kit) {
        Programs.run(python(kit, "creator", LIST.formatted("[b'old', 1],")));

        at.runAndCrash(python(kit, "writer", LIST.formatted("") + "list[0] = 'n'"), MEMORY);

        assertThat(Programs.run(python(kit, "reader", LIST.formatted("") + "print(repr(list[0]), list[1])"))
                        .lines())
                .as("torn element")
                .last()
                .isIn("b'old' 1", "'n' 1");
    }
}
