package io.github.shmkit.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.Exit;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.session.Session;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
                .matcher(Files.readString(Path.of("src/main/c/control.h")))
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
        io.github.shmkit.internal.sweep.Sweep.run(io.github.shmkit.internal.sweep.SweepPolicy.standard());
    }

    private static boolean isRunning(long pid) {
        return io.github.shmkit.internal.os.ProcFs.startTime(pid).isPresent();
    }
}
