package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.Fill;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.Signal;
import io.github.shmkit.process.Checkpoints;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated // what it replays is nobody's, and others look for that
class ReportTests {
    @TempDir
    Path folder;

    private NestedRun run(Class<?> testClass) {
        return new NestedRun(NestedRun.engine(testClass)
                .configurationParameter("shmkit.artifacts.dir", folder.toString())
                .execute());
    }

    @ExtendWith(ShmExtension.class)
    static class PrintingCase {
        static volatile String secret = "";

        @Test
        void test(ShmTestkit kit) {
            CommandHelper printer =
                    kit.command("printer", "sh", "-c", "env; env >&2").start();
            printer.awaitExit();
            secret = printer.stdout().lines().stream()
                    .filter(line -> line.startsWith("SHMKIT_SESSION="))
                    .map(line -> line.substring("SHMKIT_SESSION=".length()))
                    .findFirst()
                    .orElseThrow();
            throw new AssertionError("it is to fail");
        }
    }

    @Test
    void theSessionsSecretIsMaskedWhereAHelperPrintedIt() throws IOException {
        String text = NestedRun.diagnostics(run(PrintingCase.class).failure());

        assertThat(PrintingCase.secret).hasSize(22);
        assertThat(text).doesNotContain(PrintingCase.secret);
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all.filter(Files::isRegularFile)
                            .map(ReportTests::contentOf)
                            .toList())
                    .filteredOn(content -> content.contains("SHMKIT_SESSION=<SHMKIT_SESSION>"))
                    .as("the control: report, standard output and standard error")
                    .hasSizeGreaterThanOrEqualTo(2);
        }
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all.filter(Files::isRegularFile))
                    .noneMatch(file -> contentOf(file).contains(PrintingCase.secret));
        }
    }

    private static String contentOf(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static class FailingCase {
        @Shm(label = "ring", size = 8192)
        Segment ring;

        @Test
        void test(@Shm(kind = SegmentKind.MEMFD, label = "quiet", fill = Fill.A5) Segment quiet, ShmTestkit kit) {
            ring.putLong(4096, 0x1122334455667788L);
            NativeHelper writer = kit.nativeHelper("writer").attach(ring).start();
            writer.echo("first\nsecond\n");
            writer.putByte(5000, (byte) 'A');
            kit.await().until(() -> writer.stderr().contains("second")); // it comes by another way than the answers
            kit.await().atMost(Duration.ofMillis(20)).untilInt(ring, 128, is(1));
        }

        @AfterEach
        void tidyUp() {
            ring.fill(0, ring.size(), (byte) 0);
        }
    }

    @Test
    void aFailureTellsTheStateAsItWasBeforeTheTestTidiedUp() throws IOException {
        String text = NestedRun.diagnostics(run(FailingCase.class).failure());

        assertThat(text.lines())
                .hasSizeLessThanOrEqualTo(60)
                .contains(
                        "state of test " + FailingCase.class.getName() + "#test",
                        "'ring', rows that changed or were waited for (offset 128):",
                        "  00000080  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
                        "  00001000  88 77 66 55 44 33 22 11  00 00 00 00 00 00 00 00  |.wfUD3\".........|",
                        "  00001380  00 00 00 00 00 00 00 00  41 00 00 00 00 00 00 00  |........A.......|",
                        "  stderr: first",
                        "  stderr: second")
                .anyMatch(line -> line.startsWith("segment 'ring': POSIX_SHM, 8192 bytes, posix:/shmkit.")
                        && line.endsWith("@Shm(size = 8192, label = \"ring\") on field " + FailingCase.class.getName()
                                + "#ring"))
                .anyMatch(line -> line.startsWith("segment 'quiet': MEMFD, 4096 bytes"))
                .noneMatch(line -> line.startsWith("'quiet'"))
                .anyMatch(line -> line.matches("helper 'writer' \\(pid \\d+\\): (SLEEPING|RUNNING)"));
        Path artifacts = folder.resolve(FailingCase.class.getName()).resolve("test");
        assertThat(text).endsWith("all of it: " + artifacts);
        assertThat(artifacts.resolve("segment-ring.bin")).satisfies(file -> {
            assertThat(Files.size(file)).isEqualTo(8192);
            assertThat(Files.readAllBytes(file)[5000]).isEqualTo((byte) 'A');
        });
        assertThat(artifacts.resolve("segment-quiet.bin")).exists();
        assertThat(artifacts.resolve("report.txt")).content().contains("stderr: second");
        assertThat(artifacts.resolve("replay.sh")).content().contains("segment-ring.bin", "-Dshmkit.seed=");
        try (var files = Files.list(artifacts)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.matches("helper-writer-\\d+\\.stderr"))
                    .anyMatch(name -> name.matches("helper-writer-\\d+\\.status"))
                    .anyMatch(name -> name.matches("helper-writer-\\d+\\.maps"));
        }
    }

    static class PassingCase {
        @Test
        void test(@Shm Segment segment, ShmTestkit kit) throws IOException {
            Files.writeString(kit.artifacts().resolve("note.txt"), "of no interest");
        }

        @Test
        void aborted(@Shm Segment segment) {
            Assumptions.abort("not today");
        }
    }

    @Test
    void aTestThatDidNotFailLeavesNoArtifacts() {
        NestedRun run = run(PassingCase.class);

        assertThat(run.failures()).isEmpty();
        assertThat(folder.resolve(PassingCase.class.getName()).resolve("test")).doesNotExist();
        assertThat(folder.resolve(PassingCase.class.getName()).resolve("aborted"))
                .doesNotExist();
    }

    @ExtendWith(ShmExtension.class)
    static class BeforeEachCase {
        @Shm(label = "ring")
        Segment ring;

        @BeforeEach
        void fails() {
            ring.putByte(0, (byte) 7);
            throw new AssertionError("too early");
        }

        @Test
        void test() {}
    }

    @Test
    void aFailureBeforeTheTestItselfTellsTheStateToo() {
        assertThat(NestedRun.diagnostics(run(BeforeEachCase.class).failure())).contains("00000000  07 00");
    }

    @ExtendWith(ShmExtension.class)
    static class TimeoutCase {
        NativeHelper peer;

        @BeforeEach
        void start(ShmTestkit kit) {
            peer = kit.nativeHelper("peer").start();
        }

        @Test
        @Timeout(value = 200, unit = TimeUnit.MILLISECONDS)
        void test() {
            try {
                peer.run(Script.of(b -> b.sleep(Duration.ofSeconds(60)))).await();
            } finally {
                peer.kill();
            }
        }
    }

    @Test
    void aTimedOutTestTellsTheStateFromBeforeItWasInterrupted() {
        assertThat(NestedRun.diagnostics(run(TimeoutCase.class).failure()))
                .containsPattern("helper 'peer' \\(pid \\d+\\): SLEEPING");
    }

    @ExtendWith(ShmExtension.class)
    static class CrashCase {
        @Test
        void test(@Shm(label = "ring") Segment ring, ShmTestkit kit) {
            NativeHelper writer = kit.nativeHelper("writer").attach(ring).start();
            writer.run(Script.of(b -> b.putByte(16, (byte) 9).die(Signal.SIGSEGV)));
            writer.awaitExit();
        }
    }

    @Test
    void aHelpersDeathThatFailsAPassingTestTellsTheStateToo() {
        Throwable failure = run(CrashCase.class).failure();

        assertThat(failure).isInstanceOf(HelperFailure.class);
        assertThat(NestedRun.diagnostics(failure))
                .contains("00000010  09 00")
                .containsPattern("helper 'writer' \\(pid \\d+\\): was killed by SIGSEGV");
    }

    static class LongCase {
        @Test
        void test(@Shm(label = "ring", size = 65536, fill = Fill.RANDOM) Segment ring, ShmTestkit kit) {
            ring.fill(0, ring.size(), (byte) 1);
            NativeHelper talker = kit.nativeHelper("talker").start();
            for (int i = 0; i < 3; i++) {
                kit.nativeHelper("talker" + i).start().echo("line\n".repeat(40));
            }
            talker.echo("line\n".repeat(40) + "last\n");
            kit.await().until(() -> talker.stderr().contains("last"));
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void theTextStaysShortAndTheFileIsWhole() throws IOException {
        String text = NestedRun.diagnostics(run(LongCase.class).failure());

        assertThat(text.lines()).hasSizeLessThanOrEqualTo(60);
        assertThat(text).contains("more such rows").contains("more lines in report.txt");
        assertThat(Files.readAllLines(folder.resolve(LongCase.class.getName()).resolve("test/report.txt")))
                .hasSizeGreaterThan(60);
    }

    static class TruncatedCase {
        @Test
        void test(@Shm(label = "ring", kind = SegmentKind.MMAP_FILE) Segment ring, ShmTestkit kit) {
            kit.faults().truncate(ring, 0);
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void aTruncatedSegmentIsToldAsSuch() {
        assertThat(NestedRun.diagnostics(run(TruncatedCase.class).failure()))
                .contains("'ring' cannot be read: it was truncated under its mapping");
    }

    static class PeersCase {
        @Test
        void test(@Shm(label = "replayed") Segment ring, ShmTestkit kit) {
            ring.putLong(0, 0x1122334455667788L);
            NativeHelper writer = kit.nativeHelper("writer").attach(ring).start();
            writer.putInt(16, 5);
            writer.run(Script.of(b -> b.putInt(24, 1).reach("half").die(Signal.SIGKILL)));
            kit.checkpoints().await("half");
            writer.awaitExit();
            JvmHelper peer = kit.jvm("peer").attach(ring).start();
            Remote<Integer> unused = peer.submit(context -> {
                context.reach("waiting");
                new CountDownLatch(1).await();
                return 0;
            });
            kit.checkpoints().await("waiting");
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void peersTellWhatTheyDid() throws IOException {
        String text = NestedRun.diagnostics(run(PeersCase.class).failures().get(0));
        Path artifacts = folder.resolve(PeersCase.class.getName()).resolve("test");

        assertThat(text)
                .contains("reached so far: checkpoint 'half' once, by ", "checkpoint 'waiting' once, by ")
                .containsPattern("told: \\S+Z PUT 4 bytes at offset 16, 5: done")
                .containsPattern("told: \\S+Z a script of 3 steps: 0 PUT 4 bytes at offset 24, 1; .*: no answer");
        assertThat(fileOf(artifacts, "helper-peer-\\d+\\.threads"))
                .content()
                .startsWith("Full thread dump")
                .contains("CountDownLatch.await");
        assertThat(fileOf(artifacts, "helper-writer-\\d+\\.journal")).content().contains("PUT 4 bytes at offset 16");
    }

    @ExtendWith(ShmExtension.class)
    static class CheckpointsOfBothCase {
        @BeforeAll
        static void begin(ShmTestkit kit) {
            kit.command("compiler", "true").start().awaitExit(); // has the class's checkpoints made
        }

        @Test
        void ofTheTest(ShmTestkit kit) {
            kit.checkpoints().reach("locked");
            throw new AssertionError("on purpose");
        }
    }

    @ExtendWith(ShmExtension.class)
    static class CheckpointsOfTheClassCase {
        static Checkpoints all;

        @BeforeAll
        static void begin(ShmTestkit kit) {
            all = kit.checkpoints();
        }

        @Test
        void ofTheClass(ShmTestkit kit) {
            kit.checkpoints().reach("locked");
            all.reach("started");
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void checkpointsOfTheClassAreLabelledAndLeftOutWhereNothingWasReached() {
        assertThat(NestedRun.diagnostics(run(CheckpointsOfBothCase.class).failure()))
                .contains("reached so far: checkpoint 'locked' once")
                .doesNotContain("nothing was reached");
        assertThat(NestedRun.diagnostics(run(CheckpointsOfTheClassCase.class).failure()))
                .contains("\nreached so far: checkpoint 'locked' once")
                .contains("\ncheckpoints of class " + CheckpointsOfTheClassCase.class.getName()
                        + ": reached so far: checkpoint 'started' once");
    }

    private static Path fileOf(Path folder, String pattern) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no file like " + pattern));
        }
    }

    @Test
    void replayPutsTheBytesBack() throws Exception {
        run(PeersCase.class);
        Path artifacts = folder.resolve(PeersCase.class.getName()).resolve("test");
        Path back = Path.of("/dev/shm/shmkit-replay-replayed");
        try {
            Process replay = replay(artifacts);
            String output = new String(replay.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(replay.waitFor()).as(output).isZero();
            assertThat(output)
                    .isEqualTo("segment-replayed.bin is now /shmkit-replay-replayed; rm "
                            + "/dev/shm/shmkit-replay-replayed when done\n");
            assertThat(back).hasBinaryContent(Files.readAllBytes(artifacts.resolve("segment-replayed.bin")));
            assertThat(Files.readAllBytes(back)).startsWith(0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11);
        } finally {
            Files.deleteIfExists(back);
        }
    }

    private static Process replay(Path artifacts) throws IOException {
        return new ProcessBuilder("/bin/sh", artifacts.resolve("replay.sh").toString())
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void replayWritesIntoNoFileThatAnotherMade() throws Exception {
        run(FailingCase.class);
        Path artifacts = folder.resolve(FailingCase.class.getName()).resolve("test");
        Path trap = Files.writeString(Path.of("/dev/shm/shmkit-replay-ring"), "open to all");
        Path link = Path.of("/dev/shm/shmkit-replay-quiet");
        Path victim = folder.resolve("victim");
        try {
            assertThat(replay(artifacts).waitFor()).isNotZero();
            assertThat(trap).hasContent("open to all");

            Files.delete(trap);
            Files.createSymbolicLink(link, victim);
            assertThat(replay(artifacts).waitFor()).isNotZero();
            assertThat(victim).doesNotExist();

            Files.delete(trap);
            Files.delete(link);
            assertThat(replay(artifacts).waitFor()).isZero();
            assertThat(trap).hasBinaryContent(Files.readAllBytes(artifacts.resolve("segment-ring.bin")));
        } finally {
            Files.deleteIfExists(trap);
            Files.deleteIfExists(link);
        }
    }
}
