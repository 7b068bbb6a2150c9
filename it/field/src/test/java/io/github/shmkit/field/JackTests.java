package io.github.shmkit.field;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

@Tag("slow")
@Timeout(60)
@Program(name = "JACK", debian = "jackd2", needs = @Needs(file = "jackd", debian = "jackd2"))
class JackTests {
    private static final Path REGISTRY = Path.of("/dev/shm/jack-shm-registry");
    private static final String SERVER =
            "jackd -r -d dummy & until jack_lsp; do kill -0 $! || exit 1; done; kill $!; wait $!; exit 0";

    /** What the killed left: the registry, segments and semaphores. */
    @AfterEach
    void remove() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(Path.of("/dev/shm"), "*jack*")) {
            for (Path object : left) {
                if (Files.isRegularFile(object)) {
                    Files.delete(object);
                }
            }
        }
    }

    private static CommandHelper.Builder shell(ShmTestkit kit, String helper, String script) {
        return kit.command(helper, "sh", "-c", script)
                .env("JACK_NO_AUDIO_RESERVATION", "1")
                .env("JACK_NO_START_SERVER", "1");
    }

    @EachCrashPoint(max = 100)
    @Asked(
            operation = "jackd started and ended, the first 100 states of the registry of servers",
            question = "Does the next server start, and serve a client?",
            answer =
                    "Not after two of them, where the header of the registry is half written: the next server ends at once.",
            points = 100,
            wrong = 2)
    void server(CrashPoint at, ShmTestkit kit) {
        at.runAndCrash(shell(kit, "server", SERVER), REGISTRY);

        at.othersGoOn(shell(kit, "next server", SERVER));
    }
}
