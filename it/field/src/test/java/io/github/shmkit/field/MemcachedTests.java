package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "memcached", debian = "memcached", needs = @Needs(file = "memcached", debian = "memcached"))
class MemcachedTests {
    private static final Path MEMORY = Path.of("/dev/shm/field-memcached");

    @AfterEach
    void remove() throws IOException {
        Files.deleteIfExists(MEMORY);
        Files.deleteIfExists(Path.of(MEMORY + ".meta"));
    }

    private static CommandHelper.Builder memcached(ShmTestkit kit, String helper, Path socket) {
        return kit.command(
                helper,
                "memcached",
                "-u",
                "root",
                "-m",
                "64",
                "-t",
                "1",
                "-s",
                socket.toString(),
                "-e",
                MEMORY.toString(),
                "-o",
                "no_lru_crawler,no_lru_maintainer,no_slab_reassign,hashpower=12,no_hashexpand",
                "-v");
    }

    private static String ask(Path socket, String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            channel.read(answer);
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        }
    }

    @EachCrashPoint
    @Asked(
            operation = "set of a cache in a file",
            question = "Does memcached start on the file of one that was killed, and serve no half value?",
            answer = "Yes: without the .meta that a clean end leaves, it starts empty.",
            points = 27)
    void set(CrashPoint at, ShmTestkit kit, @TempDir Path folder) throws IOException {
        Path socket = folder.resolve("socket");
        CommandHelper server = at.start(memcached(kit, "server", socket), MEMORY);
        kit.await("server").until(() -> answers(socket));
        assertThat(ask(socket, "set key 0 0 3\r\nold\r\n")).isEqualTo("STORED\r\n");

        at.arm(server, () -> ask(socket, "set key 0 0 3\r\nnew\r\n"));

        Path next = folder.resolve("next");
        memcached(kit, "next server", next).start();
        kit.await("next server").until(() -> answers(next));
        assertThat(ask(next, "get key\r\n")).isEqualTo("END\r\n");
        assertThat(ask(next, "set key 0 0 4\r\nnext\r\n")).isEqualTo("STORED\r\n");
    }

    private static boolean answers(Path socket) {
        try {
            return ask(socket, "version\r\n").startsWith("VERSION");
        } catch (IOException e) {
            return false; // not yet
        }
    }
}
