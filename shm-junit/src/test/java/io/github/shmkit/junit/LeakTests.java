package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Tests that leave something, and what is told of it; each with a control that does the same and leaves nothing.
 *
 * <p>Alone: to a test of another nested run, which does not know of this one, what is made here would be its own.
 */
@Isolated
@Execution(ExecutionMode.SAME_THREAD)
class LeakTests {
    private static Path newName() {
        return Path.of("/dev/shm/leak-test-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong()));
    }

    private static ShmLeakError leakOf(NestedRun run) {
        assertThat(run.failure()).isInstanceOf(ShmLeakError.class);
        return (ShmLeakError) run.failure();
    }

    private static void assertLeak(ShmLeakError error, LeakKind kind, String... parts) {
        assertThat(error.leaks()).singleElement().satisfies(leak -> {
            assertThat(leak.kind()).isEqualTo(kind);
            assertThat(leak.toString()).contains(parts);
        });
        assertThat(error).hasMessageStartingWith("test " + LeakTests.class.getName() + "$");
    }

    // --- processes ---

    @ExtendWith(ShmExtension.class)
    static class OrphanCase {
        @Test
        void test(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 61 >/dev/null 2>&1 & exit 0")
                    .start()
                    .awaitExit();
        }
    }

    @Test
    void aProcessThatOutlivesItsHelperIsALeakAndIsEnded() {
        ShmLeakError error = leakOf(NestedRun.of(OrphanCase.class));

        assertLeak(error, LeakKind.PROCESS, "sleep 61", " is still alive", "helper 'starter' (pid ", "started it");
        assertEnded(error);
    }

    private static void assertEnded(ShmLeakError error) {
        Matcher pid =
                Pattern.compile("process (\\d+) ").matcher(error.leaks().get(0).description());
        assertThat(pid.find()).isTrue();
        Awaitility.await()
                .until(() -> ProcessHandle.of(Long.parseLong(pid.group(1)))
                        .filter(ProcessHandle::isAlive)
                        .isEmpty());
    }

    @ExtendWith(ShmExtension.class)
    static class StoppedOrphanCase {
        @Test
        void test(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 62 >/dev/null 2>&1 & kill -STOP $! && exit 0")
                    .start()
                    .awaitExit();
        }
    }

    @Test
    void aStoppedOneIsToo() {
        ShmLeakError error = leakOf(NestedRun.of(StoppedOrphanCase.class));

        assertLeak(error, LeakKind.PROCESS, "sleep 62", " is still alive");
        assertEnded(error);
    }

    @ExtendWith(ShmExtension.class)
    static class OtherGroupCase {
        @Test
        void test(ShmTestkit kit) {
            CommandHelper starter = kit.command(
                            "starter", "/bin/sh", "-c", "setsid sleep 63 >/dev/null 2>&1 & echo up; exec sleep 64")
                    .start();
            kit.await().until(() -> starter.stdout().contains("up"));
            kit.await()
                    .until(() -> ProcessHandle.of(starter.pid()).stream()
                            .flatMap(ProcessHandle::children)
                            .anyMatch(child -> child.info().command().orElse("").endsWith("sleep")));
        }
    }

    @Test
    void aProcessThatLeftTheGroupOfItsHelperIsALeak() {
        ShmLeakError error = leakOf(NestedRun.of(OtherGroupCase.class));

        assertLeak(error, LeakKind.PROCESS, "sleep 63", "helper 'starter'");
        assertEnded(error);
    }

    @ExtendWith(ShmExtension.class)
    static class FamilyCase {
        @Test
        void test(ShmTestkit kit) {
            CommandHelper starter = kit.command("starter", "/bin/sh", "-c", "sleep 65 & echo up; wait")
                    .start();
            kit.await().until(() -> starter.stdout().contains("up"));
        }
    }

    @Test
    void whatEndsWithItsHelperIsNoLeak() {
        NestedRun.of(FamilyCase.class).allPassed(1);
    }

    // --- views of the test's own segments ---

    static class MappingCase {
        static final Queue<MappedByteBuffer> KEPT = new ConcurrentLinkedQueue<>();

        @Test
        void test(@Shm(label = "ring") Segment segment) throws IOException {
            KEPT.add(map(segment));
        }
    }

    private static MappedByteBuffer map(Segment segment) throws IOException {
        Path path = Path.of(((SegmentAddress.ByPath) segment.address()).path());
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, segment.size());
        }
    }

    @Test
    void aMappingOfASegmentThatSomebodyKeepsIsALeak() {
        ShmLeakError error = leakOf(NestedRun.of(MappingCase.class));

        assertLeak(
                error,
                LeakKind.MAPPING,
                "segment 'ring' is still mapped",
                "by this JVM",
                "@Shm(label = \"ring\") on parameter #1 of method #test");
        assertThat(MappingCase.KEPT).hasSize(1);
    }

    static class CollectedMappingCase {
        @Test
        void test(@Shm Segment segment) throws IOException {
            map(segment).put(0, (byte) 1);
        }
    }

    @Test
    void aMappingThatTheGarbageCollectorTakesIsNone() {
        NestedRun.of(CollectedMappingCase.class).allPassed(1);
    }

    @ExtendWith(ShmExtension.class)
    static class DescriptorCase {
        static final Queue<RandomAccessFile> KEPT = new ConcurrentLinkedQueue<>();

        @Test
        void test(ShmTestkit kit) throws IOException {
            for (SegmentKind kind : List.of(SegmentKind.MEMFD, SegmentKind.MMAP_FILE)) {
                Segment segment = kit.create(SegmentSpec.of(kind).label(kind.name()));
                KEPT.add(new RandomAccessFile(((SegmentAddress.ByPath) segment.address()).path(), "r"));
            }
        }
    }

    @Test
    void anOpenDescriptorIsALeakThatTellsWhereTheSegmentWasMade() throws IOException {
        ShmLeakError error = leakOf(NestedRun.of(DescriptorCase.class));

        assertThat(error.leaks()).hasSize(2).allSatisfy(leak -> {
            assertThat(leak.kind()).isEqualTo(LeakKind.DESCRIPTOR);
            assertThat(leak.description()).matches("segment '(MEMFD|MMAP_FILE)' is still open, as descriptor \\d+: .*");
            assertThat(leak.description())
                    .contains("made at " + DescriptorCase.class.getName() + ".test(LeakTests.java:");
        });
        assertThat(error.getSuppressed()).hasSize(2).allSatisfy(place -> {
            assertThat(place).hasMessageEndingWith("it was made here");
            assertThat(place.getStackTrace()[0].getClassName()).isEqualTo(DescriptorCase.class.getName());
        });
        for (RandomAccessFile file : DescriptorCase.KEPT) {
            file.close();
        }
    }

    static class FirstDescriptorCase {
        static final Queue<RandomAccessFile> KEPT = new ConcurrentLinkedQueue<>();

        @Test
        void test(@Shm(label = "first") Segment segment) throws IOException {
            KEPT.add(new RandomAccessFile(((SegmentAddress.ByPath) segment.address()).path(), "r"));
        }
    }

    /** It has the number of the descriptor by which all others were listed before. */
    @Test
    void theFirstDescriptorThatATestOpensIsSeen() throws IOException {
        Throwable failure = NestedRun.of(FirstDescriptorCase.class).failure();

        assertThat(failure).isInstanceOf(ShmLeakError.class);
        assertThat(failure).hasMessageContaining("segment 'first' is still open, as descriptor ");
        for (RandomAccessFile file : FirstDescriptorCase.KEPT) {
            file.close();
        }
    }

    @ExtendWith(ShmExtension.class)
    static class NumberOfAnotherCase {
        static int another = -1;

        /** Another thread of the JVM may get the number first: then it is tried again with another segment. */
        @Test
        void test(ShmTestkit kit) {
            for (int tries = 0; tries < 100; tries++) {
                Segment segment = kit.create(SegmentSpec.of(SegmentKind.MEMFD));
                String path = ((SegmentAddress.ByPath) segment.address()).path();
                segment.close();
                int fd = Os.memfd("shmkit.of-another-test");
                if (path.endsWith("/fd/" + fd)) {
                    another = fd;
                    return;
                }
                Os.close(fd);
            }
            fail("the number of the closed memfd was never the one that is free");
        }
    }

    @Test
    void aFileThatGotTheNumberOfAClosedMemfdIsNotTakenForIt() {
        try {
            NestedRun.of(NumberOfAnotherCase.class).allPassed(1);
        } finally {
            if (NumberOfAnotherCase.another >= 0) {
                Os.close(NumberOfAnotherCase.another);
            }
        }
    }

    @ExtendWith(ShmExtension.class)
    static class PeerCase {
        static NativeHelper peer;

        @BeforeAll
        static void beforeAll(ShmTestkit kit) {
            peer = kit.nativeHelper("peer").start();
        }

        @EachSegmentKind
        void forgets(@Shm(label = "ring") Segment segment) {
            peer.attach(segment);
            peer.putInt(0, 1);
        }

        @AfterAll
        static void itLives() {
            assertThat(peer.isAlive()).isTrue();
        }
    }

    @Test
    void aPeerThatLivesOnAndKeepsASegmentIsALeak() {
        // A peer has each label once: later invocations fail already at that.
        assertThat(NestedRun.of(PeerCase.class).failures())
                .filteredOn(ShmLeakError.class::isInstance)
                .isNotEmpty()
                .allSatisfy(error -> assertThat(error)
                        .hasMessageContaining("segment 'ring' is still mapped: by helper 'peer' (pid ")
                        .hasMessageContaining(", which lives on"));
    }

    @ExtendWith(ShmExtension.class)
    static class TidyPeerCase {
        static NativeHelper peer;

        @BeforeAll
        static void beforeAll(ShmTestkit kit) {
            peer = kit.nativeHelper("peer").start();
        }

        @EachSegmentKind
        void detaches(@Shm(label = "ring") Segment segment) {
            peer.attach(segment);
            peer.putInt(0, 1);
            peer.detach("ring");
        }
    }

    @Test
    void aPeerThatDetachesIsNone() {
        NestedRun.of(TidyPeerCase.class).allPassed(4);
    }

    // --- objects that others make ---

    @ExtendWith(ShmExtension.class)
    static class ForeignFileCase {
        static final Path NAME = newName();
        static RandomAccessFile kept;

        @Test
        void test(ShmTestkit kit) throws IOException {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            kept = new RandomAccessFile(NAME.toFile(), "rw");
        }
    }

    @Test
    void anObjectThatOtherCodeInThisJvmMadeIsALeakOfTheTestThatRanAlone() throws IOException {
        try {
            assertLeak(
                    leakOf(NestedRun.of(ForeignFileCase.class)),
                    LeakKind.POSIX_SHM,
                    "object " + ForeignFileCase.NAME + " exists",
                    "of this JVM");
        } finally {
            ForeignFileCase.kept.close();
            Files.delete(ForeignFileCase.NAME);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class TidyForeignFileCase {
        static final Path NAME = newName();

        @Test
        void test(ShmTestkit kit) throws IOException {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            try (RandomAccessFile file = new RandomAccessFile(NAME.toFile(), "rw")) {
                file.setLength(1);
            }
            Files.delete(NAME);
        }
    }

    @Test
    void oneThatItRemovedIsNone() {
        NestedRun.of(TidyForeignFileCase.class).allPassed(1);
    }

    @ExtendWith(ShmExtension.class)
    static class ForeignSysvCase {
        static int id = -1;

        @Test
        void test(ShmTestkit kit) {
            kit.create(SegmentSpec.of(SegmentKind.SYSV_SHM));
            id = Os.shmCreate(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE), 123, 0600);
        }
    }

    @Test
    void aSysvSegmentThatOtherCodeInThisJvmMadeIsALeak() {
        try {
            assertLeak(
                    leakOf(NestedRun.of(ForeignSysvCase.class)),
                    LeakKind.SYSV_SHM,
                    "System V segment id " + ForeignSysvCase.id + " key 0x",
                    " of 123 bytes exists",
                    "made by this JVM",
                    "`ipcrm -m " + ForeignSysvCase.id + "`");
        } finally {
            Os.shmRemove(ForeignSysvCase.id);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class SwappedSysvCase {
        static int before = -1;
        static int after = -1;

        @BeforeAll
        static void thereBeforeTheTest() {
            before = newSysv();
        }

        @Test
        void test(ShmTestkit kit) {
            kit.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
            Os.shmRemove(before);
            after = newSysv();
        }
    }

    private static int newSysv() {
        return Os.shmCreate(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE), 123, 0600);
    }

    @Test
    void aSysvSegmentThatCameWhenAnotherWentIsALeakThoughThereAreAsManyAsBefore() {
        try {
            assertLeak(
                    leakOf(NestedRun.of(SwappedSysvCase.class)),
                    LeakKind.SYSV_SHM,
                    "System V segment id " + SwappedSysvCase.after + " key 0x");
        } finally {
            Os.shmRemove(SwappedSysvCase.after);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class SwappedFileCase {
        static final Path BEFORE = newName();
        static final Path AFTER = newName();
        static RandomAccessFile kept;

        @BeforeAll
        static void thereBeforeTheTest() throws IOException {
            Files.createFile(BEFORE);
        }

        @Test
        void test(ShmTestkit kit) throws IOException {
            kit.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
            Files.delete(BEFORE);
            kept = new RandomAccessFile(AFTER.toFile(), "rw");
        }
    }

    @Test
    void soIsAnObjectThatCameWhenAnotherWent() throws IOException {
        try {
            assertLeak(
                    leakOf(NestedRun.of(SwappedFileCase.class)),
                    LeakKind.POSIX_SHM,
                    "object " + SwappedFileCase.AFTER + " exists");
        } finally {
            SwappedFileCase.kept.close();
            Files.delete(SwappedFileCase.AFTER);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class ParallelCase {
        static final Path NAME = newName();
        static final CyclicBarrier BOTH = new CyclicBarrier(2);
        static volatile RandomAccessFile kept;

        @Test
        void maker(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            BOTH.await(10, TimeUnit.SECONDS);
            kept = new RandomAccessFile(NAME.toFile(), "rw");
            BOTH.await(10, TimeUnit.SECONDS);
        }

        @Test
        void bystander(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            BOTH.await(10, TimeUnit.SECONDS);
            BOTH.await(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatOneOfTwoTestsThatRanAtOnceMadeIsALeakOfTheirClassThatNamesBoth() throws IOException {
        try {
            NestedRun run = NestedRun.inParallel(ParallelCase.class);

            assertThat(run.results().testEvents().failed().count()).isZero();
            assertThat(run.failure())
                    .isInstanceOf(ShmLeakError.class)
                    .hasMessageStartingWith(
                            "class " + ParallelCase.class.getName() + " left:\n  object " + ParallelCase.NAME)
                    .hasMessageContaining("it came while these ran at once: test " + ParallelCase.class.getName()
                            + "#bystander, test " + ParallelCase.class.getName() + "#maker");
        } finally {
            ParallelCase.kept.close();
            Files.delete(ParallelCase.NAME);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class ParallelTidyClassCase {
        static final Path NAME = newName();
        static final CyclicBarrier BOTH = new CyclicBarrier(2);
        static volatile RandomAccessFile kept;

        @Test
        void maker(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            BOTH.await(10, TimeUnit.SECONDS);
            kept = new RandomAccessFile(NAME.toFile(), "rw");
            BOTH.await(10, TimeUnit.SECONDS);
        }

        @Test
        void bystander(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            BOTH.await(10, TimeUnit.SECONDS);
            BOTH.await(10, TimeUnit.SECONDS);
        }

        @AfterAll
        static void tidyUp() throws IOException {
            kept.close();
            Files.delete(NAME);
        }
    }

    @Test
    void whatTheClassRemovesAtItsEndIsNone() {
        NestedRun.inParallel(ParallelTidyClassCase.class).allPassed(2);
    }

    @ExtendWith(ShmExtension.class)
    static class HelperMadeCase {
        static final Path NAME = newName();

        @Test
        void test(ShmTestkit kit) {
            CommandHelper maker = kit.command("maker", "/bin/sh", "-c", "exec 9>" + NAME + "; echo up; exec sleep 60")
                    .start();
            kit.await().until(() -> maker.stdout().contains("up"));
        }
    }

    @Test
    void anObjectThatAHelperHasOpenAndLeavesIsALeakOfItsTest() throws IOException {
        try {
            assertLeak(
                    leakOf(NestedRun.of(HelperMadeCase.class)),
                    LeakKind.POSIX_SHM,
                    "object " + HelperMadeCase.NAME + " exists",
                    "open as descriptor 9 of helper 'maker' (pid ");
        } finally {
            Files.delete(HelperMadeCase.NAME);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class HelperMadeSysvCase {
        @Test
        void test(ShmTestkit kit) {
            kit.command("maker", "ipcmk", "-M", "77").start().awaitExit();
        }
    }

    @Test
    void aSysvSegmentThatAHelperMadeIsALeakOfItsTest() {
        ShmLeakError error = leakOf(NestedRun.of(HelperMadeSysvCase.class));

        try {
            assertLeak(error, LeakKind.SYSV_SHM, " of 77 bytes exists", "made by helper 'maker' (pid ");
        } finally {
            remove(error);
        }
    }

    private static void remove(ShmLeakError error) {
        Matcher id = Pattern.compile("ipcrm -m (\\d+)").matcher(error.toString());
        while (id.find()) {
            Os.shmRemove(Integer.parseInt(id.group(1)));
        }
    }

    // --- what becomes of it ---

    @ExtendWith(ShmExtension.class)
    static class FailedAnywayCase {
        @Test
        void test(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 66 >/dev/null 2>&1 & exit 0")
                    .start()
                    .awaitExit();
            throw new AssertionError("the test's own");
        }
    }

    @Test
    void whereTheTestFailedAlreadyALeakIsASuppressedThrowable() {
        Throwable failure = NestedRun.of(FailedAnywayCase.class).failure();

        assertThat(failure).hasMessage("the test's own");
        assertThat(NestedRun.suppressed(failure)).hasSize(1).hasOnlyElementsOfType(ShmLeakError.class);
    }

    @ExtendWith(ShmExtension.class)
    static class OffCase {
        @RegisterExtension
        static final ShmSettings SETTINGS =
                ShmSettings.builder().leakPolicy(LeakPolicy.OFF).build();

        @Test
        void test(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 67 >/dev/null 2>&1 & exit 0")
                    .start()
                    .awaitExit();
        }
    }

    @Test
    void withPolicyOffNobodyLooks() {
        NestedRun.of(OffCase.class).allPassed(1);
    }

    @ExtendWith(ShmExtension.class)
    static class WarnCase {
        @RegisterExtension
        static final ShmSettings SETTINGS =
                ShmSettings.builder().leakPolicy(LeakPolicy.WARN).build();

        @Test
        void test(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 68 >/dev/null 2>&1 & exit 0")
                    .start()
                    .awaitExit();
        }
    }

    @Test
    void withPolicyWarnItIsAReportEntry() {
        NestedRun run = NestedRun.of(WarnCase.class).allPassed(1);

        assertThat(run.results().testEvents().reportingEntryPublished().list())
                .singleElement()
                .satisfies(event -> assertThat(event.getPayload().orElseThrow().toString())
                        .contains("shmkit.leaks")
                        .contains("sleep 68"));
    }

    @ExtendWith(ShmExtension.class)
    static class ExpectedCase {
        @Test
        @ExpectLeak(LeakKind.PROCESS)
        void comes(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 69 >/dev/null 2>&1 & exit 0")
                    .start()
                    .awaitExit();
        }
    }

    @Test
    void aLeakThatIsExpectedIsFine() {
        NestedRun.of(ExpectedCase.class).allPassed(1);
    }

    @ExtendWith(ShmExtension.class)
    static class MissingCase {
        @Test
        @ExpectLeak({LeakKind.PROCESS, LeakKind.POSIX_SHM})
        void doesNotCome(ShmTestkit kit) {
            kit.command("starter", "/bin/sh", "-c", "sleep 70 >/dev/null 2>&1 & exit 0")
                    .start()
                    .awaitExit();
        }
    }

    @Test
    void aLeakThatIsExpectedAndDoesNotComeIsAFailure() {
        assertThat(NestedRun.of(MissingCase.class).failure())
                .isInstanceOf(ShmLeakError.class)
                .hasMessage("test " + MissingCase.class.getName()
                        + "#doesNotCome should have left [POSIX_SHM], as its @ExpectLeak says, but did not");
    }

    // --- strict mode and the probe ---

    @Isolated
    @StrictLeaks
    static class StrictCase {
        static final Path NAME = newName();

        @Test
        void test() throws IOException {
            Files.createFile(NAME);
        }
    }

    @Isolated
    @StrictLeaks
    static class StrictUsedCase {
        static final Path NAME = newName();

        @Test
        void test(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            madeAndUsedByAnother(NAME);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class NotStrictUsedCase {
        static final Path NAME = newName();

        @Test
        void test(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            madeAndUsedByAnother(NAME);
        }
    }

    /** By a process that is not below this JVM any more. */
    private static void madeAndUsedByAnother(Path name) throws IOException, InterruptedException {
        String script = "exec 9>" + name + "; setsid sleep 73 >/dev/null 2>&1 & exit 0";
        assertThat(new ProcessBuilder("/bin/sh", "-c", "(" + script + ")")
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void endUsersOf(Path name) throws IOException {
        Process fuser = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "for fd in /proc/[0-9]*/fd/9; do [ \"$(readlink $fd)\" = " + name
                                + " ] && echo $fd; done; true")
                .start();
        for (String fd : new String(fuser.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
            if (!fd.isBlank()) {
                ProcessHandle.of(Long.parseLong(fd.split("/", -1)[2])).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    @Test
    void inStrictModeAnyNewObjectIsALeakAlsoOneThatAnotherUses() throws IOException {
        try {
            assertThat(NestedRun.of(StrictCase.class).failure())
                    .isInstanceOf(ShmLeakError.class)
                    .hasMessageContaining("object " + StrictCase.NAME + " of 0 bytes exists");
            assertThat(NestedRun.of(StrictUsedCase.class).failure())
                    .isInstanceOf(ShmLeakError.class)
                    .hasMessageContaining("object " + StrictUsedCase.NAME + " of 0 bytes exists");
            NestedRun.of(NotStrictUsedCase.class).allPassed(1);
        } finally {
            for (Path name : List.of(StrictUsedCase.NAME, NotStrictUsedCase.NAME)) {
                endUsersOf(name);
                Files.delete(name);
            }
            Files.delete(StrictCase.NAME);
        }
    }

    // --- objects that nobody has open when the test ends ---

    @ExtendWith(ShmExtension.class)
    static class ClosedCase {
        static final List<Path> NAMES = List.of(
                newName(),
                newName().resolveSibling("sem." + newName().getFileName()),
                Path.of("/dev/mqueue").resolve(newName().getFileName()));

        /** One that the class shares is charged once. */
        @BeforeAll
        static void opens(ShmTestkit kit) {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
        }

        @Test
        void byThisJvm(ShmTestkit kit) throws IOException {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            for (Path name : NAMES) {
                Files.createFile(name);
            }
        }
    }

    @Test
    void closedObjectThatThisJvmLeavesIsALeakOfTheTestThatRanAlone() throws IOException {
        assumeTrue(isMounted("/dev/mqueue"), "needs a /dev/mqueue that is mounted");
        try {
            Throwable failure = NestedRun.of(ClosedCase.class).failure();

            assertThat(failure).isInstanceOf(ShmLeakError.class);
            assertThat(((ShmLeakError) failure).leaks())
                    .extracting(Leak::kind)
                    .containsExactlyInAnyOrder(LeakKind.POSIX_SHM, LeakKind.POSIX_SEM, LeakKind.POSIX_MQ);
            assertThat(failure)
                    .hasMessageStartingWith("test ")
                    .hasMessageContaining("object " + ClosedCase.NAMES.get(0)
                            + " exists: it came during the test, and no other process has it open; have its creator "
                            + "shm_unlink it")
                    .hasMessageContaining("object " + ClosedCase.NAMES.get(2) + " exists");
        } finally {
            for (Path name : ClosedCase.NAMES) {
                Files.delete(name);
            }
        }
    }

    private static boolean isMounted(String folder) throws IOException {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.anyMatch(line -> line.contains(" " + folder + " mqueue "));
        }
    }

    @ExtendWith(ShmExtension.class)
    static class HelperClosedCase {
        static final Path NAME = newName();

        @Test
        void test(ShmTestkit kit) {
            kit.command("maker", "/bin/sh", "-c", ": >" + NAME).start().awaitExit();
        }
    }

    @Test
    void closedObjectThatAHelperLeavesIsALeakOfItsTest() throws IOException {
        try {
            assertLeak(
                    leakOf(NestedRun.of(HelperClosedCase.class)),
                    LeakKind.POSIX_SHM,
                    "object " + HelperClosedCase.NAME + " exists");
        } finally {
            Files.delete(HelperClosedCase.NAME);
        }
    }

    @ExtendWith(ShmExtension.class)
    static class ParallelClosedCase {
        static final Path NAME = newName();
        static final CyclicBarrier BOTH = new CyclicBarrier(2);

        @Test
        void maker(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            BOTH.await(10, TimeUnit.SECONDS);
            Files.createFile(NAME);
            BOTH.await(10, TimeUnit.SECONDS);
        }

        @Test
        void bystander(ShmTestkit kit) throws Exception {
            kit.create(SegmentSpec.of(SegmentKind.MEMFD));
            BOTH.await(10, TimeUnit.SECONDS);
            BOTH.await(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void closedObjectOfOneOfTwoTestsAtOnceIsALeakOfTheirClass() throws IOException {
        try {
            assertThat(NestedRun.inParallel(ParallelClosedCase.class).failure())
                    .isInstanceOf(ShmLeakError.class)
                    .hasMessageStartingWith("class " + ParallelClosedCase.class.getName() + " left:\n  object "
                            + ParallelClosedCase.NAME)
                    .hasMessageContaining("it came while these ran at once: test ");
        } finally {
            Files.delete(ParallelClosedCase.NAME);
        }
    }

    /** Bytes that are UTF-8 for a u with a dot, and one that is no UTF-8. */
    @ExtendWith(ShmExtension.class)
    static class OtherCharsetCase {
        static final Path NAME = newName();

        @Test
        void open(ShmTestkit kit) {
            maker(kit, "exec 9>\"$name\"; echo up; exec sleep 74");
        }

        @Test
        void closed(ShmTestkit kit) {
            maker(kit, ": > \"$name\"; echo up");
        }

        private static void maker(ShmTestkit kit, String script) {
            CommandHelper maker = kit.command(
                            "maker",
                            "/bin/sh",
                            "-c",
                            "name=\"$(printf '" + NAME + "-%s\\303\\274\\377' $$)\"; " + script)
                    .start();
            kit.await().until(() -> maker.stdout().contains("up"));
        }
    }

    @Test
    void objectWhoseNameIsNoAsciiIsALeak() throws IOException {
        try {
            assertThat(NestedRun.of(OtherCharsetCase.class).failures())
                    .hasSize(2)
                    .allSatisfy(failure -> assertThat(failure)
                            .isInstanceOf(ShmLeakError.class)
                            .hasMessageContaining("object " + OtherCharsetCase.NAME)
                            .hasMessageContaining("\u00fc\ufffd exists"));
        } finally {
            try (var left = Files.newDirectoryStream(Path.of("/dev/shm"), OtherCharsetCase.NAME.getFileName() + "*")) {
                for (Path each : left) {
                    Files.delete(each);
                }
            }
        }
    }

    @StrictLeaks
    static class StrictInCompanyCase {
        @Test
        void test() {}
    }

    @Test
    void strictModeNeedsToBeAlone() {
        assertThat(NestedRun.of(StrictInCompanyCase.class).failure())
                .hasMessageContaining("@StrictLeaks on class " + StrictInCompanyCase.class.getName())
                .hasMessageEndingWith("add @Isolated");
    }

    @Test
    @ExtendWith(ShmExtension.class)
    void theProbeTellsWhatCameAndIsStillThere(ShmTestkit kit) throws IOException {
        Path name = newName();
        LeakProbe.Snapshot before = kit.leaks().snapshot();
        kit.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
        kit.create(SegmentSpec.of(SegmentKind.SYSV_SHM));
        try {
            Files.createFile(name);
            assertThat(named(kit.leaks().diff(before), name))
                    .singleElement()
                    .satisfies(leak -> assertThat(leak.kind()).isEqualTo(LeakKind.POSIX_SHM));
            assertThat(named(kit.leaks().diff(kit.leaks().snapshot()), name)).isEmpty();
            assertThat(kit.leaks().snapshot().objects().toString()).contains(name.toString());
        } finally {
            delete(name);
        }
        assertThat(named(kit.leaks().diff(before), name)).isEmpty();
    }

    private static List<Leak> named(List<Leak> leaks, Path name) {
        return leaks.stream()
                .filter(leak -> leak.name().equals(name.toString()))
                .toList();
    }

    private static void delete(Path name) {
        try {
            Files.delete(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
