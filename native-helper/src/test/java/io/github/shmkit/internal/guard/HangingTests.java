package io.github.shmkit.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.jna.Function;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.process.Exit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What others hold up ends with their name, and holds up nothing else. */
@Isolated("changes a system property")
@Timeout(90)
class HangingTests {
    private static final int F_SETSIG = 10;
    private static final int F_SETLEASE = 1024;
    private static final int SIGURG = 23;
    private static final int F_WRLCK = 1;

    @TempDir
    Path folder;

    /** An open of the file waits until the lease is given back, 45 s at most. */
    private static int lease(Path file) {
        int fd = Os.open(file.toString(), Os.O_RDWR, 0);
        Function fcntl = Function.getFunction("c", "fcntl");
        assertThat(fcntl.invokeInt(new Object[] {fd, F_SETSIG, SIGURG})).isZero();
        assertThat(fcntl.invokeInt(new Object[] {fd, F_SETLEASE, F_WRLCK})).isZero();
        return fd;
    }

    private static long openDescriptors() throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static long children() {
        return ProcessHandle.current().children().count();
    }

    @Test
    void commandThatIsNotExecutedHoldsUpNoOther() throws Exception {
        try (Session session = Session.open()) {
            Path file = Files.createTempFile(Path.of("/dev/shm"), "leased", "");
            int fd = lease(file);
            try {
                CompletableFuture<Child> hanging = CompletableFuture.supplyAsync(() -> session.supervisor()
                        .launch(new LaunchSpec(List.of("true"), Map.of(), "/", "", List.of(file.toString()))));
                long begin = System.nanoTime();
                Child other = session.supervisor().launch(new LaunchSpec(List.of("true"), Map.of(), "/"));
                assertThat(other.exit().get(5, TimeUnit.SECONDS)).isEqualTo(Exit.code(0));
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
                assertThatThrownBy(() -> hanging.get(30, TimeUnit.SECONDS))
                        .hasRootCauseInstanceOf(ShmException.class)
                        .hasRootCauseMessage(
                                "cannot run 'true': the kernel did not execute it in time; its program, its "
                                        + "directory or a file that it inherits may be on a file system that does not answer");
            } finally {
                Os.close(fd);
                Files.delete(file);
            }
        }
    }

    @Test
    void lockThatAnotherProcessHoldsIsNamedWithItsHolder() throws Exception {
        Path d = Files.createDirectory(
                folder.resolve("d"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = Files.createFile(folder.resolve("object"));
        String name =
                Base64.getUrlEncoder().withoutPadding().encodeToString("object".getBytes(StandardCharsets.US_ASCII));
        List<String> plan = List.of("S 0 " + name + " 0 0 0 " + name + " 1");
        List<Actuator.Outcome> outcomes = new ArrayList<>();
        int fd = Os.open(d.toString(), Os.O_RDONLY | Os.O_DIRECTORY, 0);
        try {
            assertThat(Os.tryLock(fd)).isTrue();
            assertThatThrownBy(
                            () -> Actuator.run(d.toString(), plan, (index, result) -> outcomes.add(result.outcome())))
                    .isInstanceOf(ShmException.class)
                    .hasMessage(
                            "the native actuator exited with code 71 (shm-helper: cannot lock /dev/shm/d within 10 s:"
                                    + " process " + ProcessHandle.current().pid()
                                    + " holds the lock; if it is stopped, continue or end it) after 0 of 1 steps;"
                                    + " what it had not reached is untouched");
        } finally {
            Os.close(fd);
        }
        assertThat(file).exists();
        Actuator.run(d.toString(), plan, (index, result) -> outcomes.add(result.outcome()));
        assertThat(outcomes).as("the control").containsExactly(Actuator.Outcome.DELETED);
    }

    /** Ctrl-Z stops mvn's whole process group; stopped there, it would keep the lock from all other builds. */
    @Test
    void actuatorIsNotStoppedByTheTerminal() throws Exception {
        Path d = Files.createDirectory(
                folder.resolve("d"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<Actuator.Outcome> outcomes = new ArrayList<>();
        try (Actuator actuator = Actuator.start(d.toString(), () -> {})) {
            ProcessHandle process = await().until(
                            () -> ProcessHandle.current()
                                    .children()
                                    .filter(child -> List.of(
                                                    child.info().arguments().orElse(new String[0]))
                                            .contains(d.toString()))
                                    .toList(),
                            found -> found.size() == 1)
                    .get(0);
            // Until the program has begun, the signal would stop it.
            await().until(() -> Files.readString(Path.of("/proc/" + process.pid() + "/status"))
                    .lines()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .mapToLong(line -> Long.parseLong(line.substring(7).trim(), 16))
                    .anyMatch(ignored -> (ignored & 1 << 19) != 0));
            assertThat(new ProcessBuilder("kill", "-TSTP", Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            actuator.add("S 0 bm9uZQ 0 0 0 bm9uZQ 0");
            actuator.finish((index, result) -> outcomes.add(result.outcome()));
        }
        assertThat(outcomes).containsExactly(Actuator.Outcome.GONE);
    }

    @Test
    void programThatSaysNothingIsEndedAfterTenSeconds() throws Exception {
        Path program = Files.writeString(folder.resolve("silent"), "#!/bin/sh\nexec sleep 1000\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        long before = children();
        String old = System.setProperty(HelperProgram.PATH_PROPERTY, program.toString());
        ExecutorService each = Executors.newFixedThreadPool(3);
        try {
            Future<?> watchdog = each.submit(
                    () -> Watchdog.start("/dev/shm", SessionId.random().text()));
            Future<Optional<String>> hindrance = each.submit(Isolation::hindrance);
            Future<?> session = each.submit(Session::open);
            assertThatThrownBy(watchdog::get)
                    .cause()
                    .isInstanceOf(ShmException.class)
                    .hasMessage("the watchdog of this build did not start to watch within 10 s");
            assertThat(hindrance.get())
                    .contains("the native helper did not say whether namespaces are available within 10 s");
            assertThatThrownBy(session::get)
                    .cause()
                    .isInstanceOf(ShmException.class)
                    .hasMessage("the native helper did not become ready within 10 s");
        } finally {
            each.shutdown();
            restore(old);
        }
        await().until(() -> children() == before);
    }

    @Test
    void failedStartSaysWhyAndLeavesNothing() throws Exception {
        String session = SessionId.random().text();
        assertThatThrownBy(() -> Supervisor.start("/dev/shm/.shmkit-missing", session + ".1"))
                .isInstanceOf(ShmException.class)
                .hasMessage("the native helper of this JVM exited with code 71 "
                        + "(shm-helper: cannot use /dev/shm/.shmkit-missing: No such file or directory)");
        long descriptors = openDescriptors();
        long before = children();
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> Supervisor.start("/dev/shm/.shmkit-missing", session + ".1"))
                    .isInstanceOf(ShmException.class);
            assertThatThrownBy(() -> Watchdog.start("/dev/shm/.shmkit-missing", session))
                    .isInstanceOf(ShmException.class)
                    .hasMessageContaining("it exited with code 71 (shm-helper: cannot use /dev/shm/.shmkit-missing: ");
        }
        await().untilAsserted(() -> assertThat(openDescriptors()).isLessThan(descriptors + 10));
        await().until(() -> children() == before);
    }

    @Test
    void sessionThatCannotBeginLeavesNothing() throws Exception {
        Session.open().close();
        String old = System.setProperty(HelperProgram.PATH_PROPERTY, "/bin/false");
        try {
            assertThatThrownBy(Session::open)
                    .isInstanceOf(ShmException.class)
                    .hasMessage("the native helper of this JVM exited with code 1");
            long descriptors = openDescriptors();
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(Session::open).isInstanceOf(ShmException.class);
            }
            await().untilAsserted(() -> assertThat(openDescriptors()).isLessThan(descriptors + 10));
        } finally {
            restore(old);
        }
    }

    private static void restore(@org.jspecify.annotations.Nullable String old) {
        if (old == null) {
            System.clearProperty(HelperProgram.PATH_PROPERTY);
        } else {
            System.setProperty(HelperProgram.PATH_PROPERTY, old);
        }
    }
}
