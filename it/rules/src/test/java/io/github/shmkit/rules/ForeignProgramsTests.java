package io.github.shmkit.rules;

import static io.github.shmkit.SegmentKind.MMAP_FILE;
import static io.github.shmkit.SegmentKind.POSIX_SHM;
import static io.github.shmkit.SegmentKind.SYSV_SHM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.junit.EachSegmentKind;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Programs that are not ours share segments with a test, in both directions, and list what it made. */
@ExtendWith(ShmExtension.class)
class ForeignProgramsTests {
    private static final int QUESTION = 42;
    private static final int ANSWER = 43;

    /** A program of this machine; the test is skipped where it is missing. */
    private static String program(String name) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseGet(() -> {
                    assumeTrue(false, "needs " + name + ", which is not in the PATH");
                    return name;
                });
    }

    /** The program reads our byte, and writes one more than it into the next, which we read. */
    private static void asks(Segment segment, CommandHelper.Builder program) {
        segment.putByte(0, (byte) QUESTION);
        CommandHelper run = program.attach(segment).start();
        assertThat(run.awaitExit()).as("stderr: %s", run.stderr().text()).isEqualTo(Exit.code(0));
        assertThat(run.stdout().text()).isEqualTo("read " + QUESTION + "\n");
        assertThat(segment.getByte(1)).isEqualTo((byte) ANSWER);
    }

    /** Before Python 3.13 it removes what others made, https://bugs.python.org/issue39959, by a process that stays. */
    private static final String WITHOUT_TRACKER = """
            import sys
            from multiprocessing import resource_tracker, shared_memory
            resource_tracker.register = resource_tracker.unregister = lambda *ignored: None
            """;

    @Test
    void pythonsSharedMemory(@Shm(kind = POSIX_SHM) Segment segment, ShmTestkit kit) {
        String script = WITHOUT_TRACKER + """
                memory = shared_memory.SharedMemory(name=sys.argv[1])
                print("read", memory.buf[0])
                memory.buf[1] = memory.buf[0] + 1
                memory.close()
                """;
        String name = ((SegmentAddress.ByPath) segment.address()).name().substring(1);
        asks(segment, kit.command("python", program("python3"), "-c", braced(script), name));
    }

    @Test
    void pythonsMmap(@Shm(kind = MMAP_FILE) Segment segment, ShmTestkit kit) {
        String script = """
                import mmap, sys
                with open(sys.argv[1], "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
                    print("read", memory[0])
                    memory[1] = memory[0] + 1
                """;
        asks(segment, kit.command("python", program("python3"), "-c", braced(script), "{path}"));
    }

    @Test
    void perlsShm(@Shm(kind = SYSV_SHM) Segment segment, ShmTestkit kit) {
        String script = """
                my $id = shmget(shift, 0, 0) // die "shmget: $!";
                shmread($id, my $byte, 0, 1) or die "shmread: $!";
                print "read ", ord $byte, "\\n";
                shmwrite($id, chr(1 + ord $byte), 1, 1) or die "shmwrite: $!";
                """;
        String key = Integer.toString(((SegmentAddress.BySysv) segment.address()).key());
        asks(segment, kit.command("perl", program("perl"), "-e", braced(script), "--", key));
    }

    /** A brace in an argument begins a placeholder, unless it is written twice. */
    private static String braced(String script) {
        return script.replace("{", "{{").replace("}", "}}");
    }

    @EachSegmentKind
    void aProgramInC(@Shm Segment segment, ShmTestkit kit) throws IOException {
        Path source = Files.writeString(kit.artifacts().resolve("peer.c"), """
                #include <fcntl.h>
                #include <stdio.h>
                #include <stdlib.h>
                #include <sys/mman.h>
                #include <sys/shm.h>

                int main(int argc, char **argv)
                {
                    unsigned char *memory;

                    if (argc != 3)
                        return 2;
                    if (argv[1][0] == '/') {
                        int fd = open(argv[1], O_RDWR);
                        memory = mmap(NULL, strtoul(argv[2], NULL, 10), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                    } else {
                        memory = shmat(atoi(argv[1]), NULL, 0);
                    }
                    if (memory == (void *)-1) {
                        perror("map");
                        return 1;
                    }
                    printf("read %d\\n", memory[0]);
                    memory[1] = memory[0] + 1;
                    return 0;
                }
                """);
        String binary = source.resolveSibling("peer").toString();
        CommandHelper compiler = kit.command("cc", program("cc"), "-Wall", "-Werror", "-o", binary, source.toString())
                .start();
        assertThat(compiler.awaitExit())
                .as("stderr: %s", compiler.stderr().text())
                .isEqualTo(Exit.code(0));
        String where = segment.address() instanceof SegmentAddress.BySysv ? "{shmid}" : "{path}";
        asks(segment, kit.command("peer", binary, where, "{size}"));
    }

    @Test
    void pythonCreatesAndWeLook(ShmTestkit kit) {
        String name = "shmkit-rules-" + ProcessHandle.current().pid();
        String script = WITHOUT_TRACKER + """
                memory = shared_memory.SharedMemory(name=sys.argv[1], create=True, size=4096)
                memory.buf[0] = 42
                print("ready", flush=True)
                while memory.buf[1] != 43:
                    pass
                memory.close()
                memory.unlink()
                """;
        CommandHelper python = kit.command("python", program("python3"), "-c", braced(script), name)
                .readyWhen(Readiness.line("ready"))
                .start();
        Segment theirs = kit.adopt(new SegmentAddress.ByPath(POSIX_SHM, "/dev/shm/" + name, 4096));

        assertThat(theirs.getByte(0)).isEqualTo((byte) QUESTION);
        theirs.putByte(1, (byte) ANSWER);

        assertThat(python.awaitExit()).as("stderr: %s", python.stderr().text()).isEqualTo(Exit.code(0));
        assertThat(Path.of("/dev/shm", name)).doesNotExist();
    }

    @Test
    void ipcsListsWhatWeCreate(@Shm(kind = SYSV_SHM, size = 5000) Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
        assertThat(peer.getByte(0)).isZero();
        SegmentAddress.BySysv sysv = (SegmentAddress.BySysv) segment.address();

        // key shmid owner perms bytes nattch
        assertThat(columns(kit, sysv.shmid(), 1, "ipcs", "-m"))
                .startsWith(String.format("0x%08x", sysv.key()), Integer.toString(sysv.shmid()), me())
                .containsSubsequence("600", "5000", "2");
    }

    @Test
    void lsipcListsWhatWeCreate(@Shm(kind = SYSV_SHM, size = 5000) Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
        assertThat(peer.getByte(0)).isZero();
        int id = ((SegmentAddress.BySysv) segment.address()).shmid();

        assertThat(columns(kit, id, 0, "lsipc", "-m", "-b", "-r", "--noheadings", "-o", "ID,OWNER,SIZE,NATTCH"))
                .containsExactly(Integer.toString(id), me(), "5000", "2");
    }

    private static String me() {
        return System.getProperty("user.name");
    }

    /** The row of a segment, by the column that has its id. */
    private static List<String> columns(ShmTestkit kit, int id, int column, String name, String... arguments) {
        String[] argv = new String[arguments.length + 1];
        argv[0] = program(name);
        System.arraycopy(arguments, 0, argv, 1, arguments.length);
        CommandHelper lists = kit.command(name, argv).start();
        assertThat(lists.awaitExit()).as("stderr: %s", lists.stderr().text()).isEqualTo(Exit.code(0));
        List<List<String>> rows = lists.stdout().lines().stream()
                .map(line -> List.of(line.strip().split("\\s+")))
                .filter(row -> row.size() > column && row.get(column).equals(Integer.toString(id)))
                .toList();
        assertThat(rows).as("rows of %s with id %d", name, id).hasSize(1);
        return rows.get(0);
    }
}
