package io.github.shmkit.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.process.Exit;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, with ordinary commands. */
class SupervisorTests {
    private Session session;
    private Supervisor supervisor;

    @BeforeEach
    void open() {
        session = Session.open();
        supervisor = session.supervisor();
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Child run(String script) {
        return supervisor.launch(
                new LaunchSpec(List.of("sh", "-c", script), Map.of("PATH", "/usr/bin:/bin", "GREETING", "hello"), "/"));
    }

    private static Exit exit(Child child) throws Exception {
        return child.exit().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aCommandsOutputErrorsAndCodeAreKnown() throws Exception {
        Child child = run("echo $GREETING; echo trouble >&2; pwd; exit 3");
        assertThat(exit(child)).isEqualTo(Exit.code(3));
        assertThat(child.stdout().lines()).containsExactly("hello", "/");
        assertThat(child.stderr().lines()).containsExactly("trouble");
    }

    @Test
    void exitCode137IsNotTakenForASignal() throws Exception {
        assertThat(exit(run("exit 137"))).isEqualTo(Exit.code(137));
        assertThat(exit(run("kill -9 $$"))).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
    }

    @Test
    void aCommandThatCannotBeRunFailsAtTheCall() {
        assertThatThrownBy(() -> supervisor.launch(new LaunchSpec(List.of("/no/such/program"), Map.of(), "/")))
                .isInstanceOf(ShmException.class)
                .hasMessage("cannot run '/no/such/program': ENOENT (No such file or directory)");
        assertThatThrownBy(() -> supervisor.launch(new LaunchSpec(List.of("/etc/passwd"), Map.of(), "/")))
                .hasMessageContaining("EACCES");
    }

    @Test
    void aNulInAnArgumentIsRefusedAndTheSupervisorGoesOn() throws Exception {
        assertThatThrownBy(() -> new LaunchSpec(List.of("echo", "a\0b"), Map.of(), "/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the argument 'a\\0b' of a command has a NUL, which ends every text that a program is given; "
                                + "leave it away");
        assertThatThrownBy(() -> new LaunchSpec(List.of("echo"), Map.of("NAME", "a\0b"), "/"))
                .hasMessageStartingWith("the environment variable 'NAME=a\\0b' of a command has a NUL");
        assertThat(exit(run("exit 0"))).isEqualTo(Exit.code(0));
    }

    /** What the supervisor is compiled with and what is written here are the same numbers. */
    @Test
    void theNumbersOfControlHAreThoseOfJava() throws Exception {
        Map<String, Integer> c = new TreeMap<>();
        Pattern.compile("\\b((?:REQUEST|EVENT)_\\w+) = (\\d+)|#define CONTROL_(VERSION) (\\d+)")
                .matcher(Files.readString(Path.of("src/main/c/guard/control.h")))
                .results()
                .forEach(match -> c.put(
                        match.group(1) != null ? match.group(1) : match.group(3),
                        Integer.valueOf(match.group(1) != null ? match.group(2) : match.group(4))));
        Map<String, Integer> java = new TreeMap<>();
        for (Field field : Supervisor.class.getDeclaredFields()) {
            if (field.getName().matches("VERSION|(REQUEST|EVENT)_\\w+")) {
                field.setAccessible(true);
                java.put(field.getName(), field.getInt(null));
            }
        }
        assertThat(java).hasSizeGreaterThan(10).isEqualTo(c);
    }

    @Test
    void aChattyCommandNeverBlocksAndItsLastWordsAreKept() throws Exception {
        Child child = run("i=0; while [ $i -lt 20000 ]; do echo line $i of a chatty program; i=$((i+1)); done");
        assertThat(exit(child)).isEqualTo(Exit.code(0));
        assertThat(child.stdout().total()).isGreaterThan(500_000);
        assertThat(child.stdout().lastLines(1)).containsExactly("line 19999 of a chatty program");
    }

    /** Blocks the thread that reads events, as a debugger does, until the latch is released. */
    private void stopReading(Path dir, CountDownLatch latch) throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        Child child = run("while [ ! -e " + dir + "/go ]; do sleep 0.01; done; echo go; exec sleep 300");
        var unused = child.stdout().firstLine("go").thenRun(() -> {
            try {
                stopped.countDown();
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Files.createFile(dir.resolve("go"));
        stopped.await();
    }

    /** Fills all buffers up to the JVM, and then its own pipe of 1 MiB, to the last line that fits. */
    private static final String FLOOD = """
            while [ ! -e %1$s/begin ]; do sleep 0.01; done
            exec perl -e '
                use Fcntl;
                fcntl(STDOUT, 1031, 1 << 20) or die;
                fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK) or die;
                my ($n, $full) = (0, 0);
                while ($full < 50) {
                    if (defined syswrite(STDOUT, sprintf("line %%058d\n", $n))) { $n++; $full = 0; }
                    else { select(undef, undef, undef, 0.01); $full++; }
                }
                open(my $f, ">", "%1$s/written") or die;
                print $f $n; close $f; rename "%1$s/written", "%1$s/done" or die;'
            """;

    @Test
    void lastWordsComeHoweverMuchIsUnread(@TempDir Path dir) throws Exception {
        Child child = run(FLOOD.formatted(dir));
        CountDownLatch release = new CountDownLatch(1);
        stopReading(dir, release);
        Files.createFile(dir.resolve("begin"));
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(dir.resolve("done")));
            await().until(() -> !isRunning(child.pid()));
        } finally {
            release.countDown();
        }
        assertThat(child.exit().get(30, TimeUnit.SECONDS)).isEqualTo(Exit.code(0));
        long lines = Long.parseLong(Files.readString(dir.resolve("done")));
        assertThat(lines * 64).as("more than all buffers before the pipe").isGreaterThan(2 << 20);
        assertThat(child.stdout().total()).isEqualTo(lines * 64);
        assertThat(child.stdout().lastLines(1)).containsExactly("line %058d".formatted(lines - 1));
    }

    @Test
    void serverWhoseLauncherEndedCanStillWrite(@TempDir Path dir) throws Exception {
        Child child =
                run("(while [ ! -e " + dir + "/begin ]; do sleep 0.01; done; echo one; echo two; echo three >&2; > "
                        + dir + "/survived; exec sleep 300) & echo launched");
        assertThat(exit(child)).isEqualTo(Exit.code(0));
        assertThat(child.stdout().lines()).containsExactly("launched");
        Files.createFile(dir.resolve("begin"));
        await().until(() -> Files.exists(dir.resolve("survived")));
    }

    @Test
    void malformedRequestEndsInACleanUp() throws Exception {
        Child child = run("exec sleep 300");
        Segment segment = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
        Path file = Path.of(((SegmentAddress.ByPath) segment.address()).path());
        assertThat(file).exists();
        Field requests = Supervisor.class.getDeclaredField("requests");
        requests.setAccessible(true);
        OutputStream out = (OutputStream) requests.get(supervisor);
        out.write(new byte[4]);
        out.flush();
        assertThatThrownBy(() -> exit(child)).hasMessageContaining("its supervisor is gone");
        assertThat(isRunning(child.pid())).isFalse();
        assertThat(file).as("in use by this JVM").exists();
        assertThatThrownBy(() -> run("true"))
                .isInstanceOf(ShmException.class)
                .hasMessageContaining(
                        "exited with code 71 (shm-helper: malformed request: its length is not from 1 byte "
                                + "to 1 MiB)");
        assertThatThrownBy(session::end).isInstanceOf(ShmException.class);
        assertThat(file).doesNotExist();
        Removal.run(SweepPolicy.standard());
    }

    /** By its size the supervisor is the last that the kernel would take; where it may, it sees to that. */
    @Test
    void supervisorIsSparedByTheOomKillerAndItsHelpersAreNot() throws Exception {
        String own = oomScore(ProcessHandle.current().pid());
        String guards = oomScore(supervisor.pid());
        assumeFalse(guards.equals(own), "lowering oom_score_adj needs CAP_SYS_RESOURCE");
        assertThat(guards).isEqualTo("-1000");
        Child child = run("cat /proc/self/oom_score_adj");
        assertThat(exit(child)).isEqualTo(Exit.code(0));
        assertThat(child.stdout().lines()).containsExactly(own);
    }

    private static String oomScore(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/oom_score_adj")).trim();
    }

    @Test
    void aStoppedCommandCanBeKilledWithAllThatItStarted() throws Exception {
        Child child = run("sleep 300 & echo $!; kill -STOP $$");
        long grandchild = await().until(() -> child.stdout().lines(), lines -> !lines.isEmpty()).stream()
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
        child.signalGroup(9);
        assertThat(exit(child)).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        await().until(() -> !isRunning(grandchild));
    }

    @Test
    void theEndOfTheSessionEndsDaemonsToo() throws Exception {
        Child child = run("setsid sh -c 'echo $$; exec sleep 300' & wait");
        long daemon = await().until(() -> child.stdout().lines(), lines -> !lines.isEmpty()).stream()
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
        assertThat(isRunning(daemon)).isTrue();
        session.close();
        assertThat(isRunning(daemon)).isFalse();
    }

    @Test
    void aKilledSupervisorEndsEveryWait() throws Exception {
        Child child = run("exec sleep 300");
        ProcessHandle guard = ProcessHandle.of(supervisor.pid()).orElseThrow();
        guard.destroyForcibly();
        assertThatThrownBy(() -> exit(child))
                .hasRootCauseInstanceOf(ShmException.class)
                .hasMessageContaining("its supervisor is gone");
        assertThatThrownBy(() -> run("true")).isInstanceOf(ShmException.class);
        ProcessHandle.of(child.pid()).ifPresent(ProcessHandle::destroyForcibly);
        assertThatThrownBy(session::end).isInstanceOf(ShmException.class);
        Removal.run(SweepPolicy.standard());
    }

    private static boolean isRunning(long pid) {
        return io.github.shmkit.internal.os.ProcFs.startTime(pid).isPresent();
    }
}
