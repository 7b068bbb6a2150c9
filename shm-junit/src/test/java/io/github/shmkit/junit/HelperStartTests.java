package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.ShmException;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Until a helper is ready, its start keeps nothing else from going on. */
class HelperStartTests {
    /** A start that kept others waiting would take 30 s. */
    private static final Duration SOON = Duration.ofSeconds(20);

    private static CommandHelper.Builder readyOnce(ShmTestkit kit, String name, Path file) {
        return kit.command(
                        name,
                        "/bin/sh",
                        "-c",
                        "until [ -e '" + file + "' ]; do sleep 0.01; done; echo ready; exec sleep 60")
                .readyWhen(Readiness.line("ready"));
    }

    @ExtendWith(ShmExtension.class)
    static class NeverReadyCase {
        @Test
        @Timeout(1)
        void test(ShmTestkit kit) {
            kit.command("mute", "sleep", "60")
                    .readyWhen(Readiness.line("never"))
                    .start();
        }
    }

    @Test
    void timeoutOfTheTestInterruptsTheStart() {
        long start = System.nanoTime();

        Throwable failure = NestedRun.of(NeverReadyCase.class).failure();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
        assertThat(failure).isInstanceOf(TimeoutException.class);
        assertThat(NestedRun.suppressed(failure))
                .singleElement()
                .satisfies(why -> assertThat(why)
                        .isInstanceOf(ShmException.class)
                        .hasMessageStartingWith("interrupted while waiting for helper 'mute'"));
    }

    @Test
    @ExtendWith(ShmExtension.class)
    void twoThreadsStartHelpersAtTheSameTime(ShmTestkit kit, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("second");
        CompletableFuture<CommandHelper> first = CompletableFuture.supplyAsync(
                () -> readyOnce(kit, "first", file).start());

        kit.command("second", "/bin/sh", "-c", "touch '" + file + "'; echo ready; exec sleep 60")
                .readyWhen(Readiness.line("ready"))
                .start();

        assertThat(first.get(SOON.toSeconds(), TimeUnit.SECONDS).isAlive()).isTrue();
    }

    @Test
    @ExtendWith(ShmExtension.class)
    void helpersWithTheSameVariableKeepTheirNames(ShmTestkit kit) {
        for (String name : List.of("first", "second")) {
            kit.command(name, "sleep", "60").env("LEVEL", name).start();
            kit.jvm("jvm " + name).systemProperty("level", name).start();
        }

        assertThatThrownBy(() ->
                        kit.command("first", "sleep", "60").env("OTHER", "1").start())
                .hasMessageContaining("has a helper 'first' that is alive");
    }

    @ExtendWith(ShmExtension.class)
    static class AbandonedCase {
        static Path file;
        static CompletableFuture<CommandHelper> start;

        @Test
        void test(ShmTestkit kit) throws IOException {
            Path pid = file.resolveSibling("pid");
            CommandHelper.Builder late = kit.command(
                            "late",
                            "/bin/sh",
                            "-c",
                            "echo $$ > '" + pid + "'; until [ -e '" + file + "' ]; do sleep 0.01; done; echo ready; "
                                    + "exec sleep 61")
                    .readyWhen(Readiness.line("ready"));
            start = CompletableFuture.supplyAsync(late::start);
            kit.await().until(() -> Files.exists(pid) && Files.size(pid) > 1);
        }

        /** The run goes on, whose end would end the helper as well. */
        @AfterAll
        static void getsReady() throws IOException {
            Files.createFile(file);
            assertThatThrownBy(() -> start.get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(" is over: ");
        }
    }

    @Test
    void helperThatGetsReadyAfterItsTestIsEnded(@TempDir Path folder) throws Exception {
        AbandonedCase.file = folder.resolve("ready");

        NestedRun.of(AbandonedCase.class).allPassed(1);

        List<String> pid = Files.readAllLines(folder.resolve("pid"));
        Awaitility.await()
                .until(() -> !ProcessHandle.of(Long.parseLong(pid.get(0)))
                        .map(ProcessHandle::isAlive)
                        .orElse(false));
    }
}
