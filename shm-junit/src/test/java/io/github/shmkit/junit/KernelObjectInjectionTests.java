package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/** Semaphores and queues are given, used by peers, and gone, as segments are. */
@ExtendWith(ShmExtension.class)
class KernelObjectInjectionTests {
    private static final Duration LONG = Duration.ofSeconds(10);

    // --- what one gets ---

    @Test
    void eachIsGivenAsTheAnnotationSays(
            @ShmSemaphore(initial = 3) NamedSemaphore semaphore,
            @ShmSemaphore(semaphores = 4, initial = 2, label = "pool") SysvSemaphoreSet set,
            @ShmQueue(messages = 2, messageSize = 16) PosixQueue queue,
            @ShmQueue SysvQueue sysvQueue) {
        assertThat(semaphore.value()).isEqualTo(3);
        assertThat(List.of(set.value(0), set.value(3), set.size())).containsExactly(2, 2, 4);
        assertThat(set.label()).isEqualTo("pool");
        assertThat(List.of(queue.messages(), queue.messageSize())).containsExactly(2, 16);
        sysvQueue.send(1, new byte[] {5}, LONG);
        assertThat(sysvQueue.receive(0, LONG).bytes().toArray()).containsExactly(5);
    }

    @Test
    void withoutAttributesASemaphoreHasNothingToTake(
            @ShmSemaphore NamedSemaphore semaphore, @ShmSemaphore SysvSemaphoreSet set) {
        assertThat(semaphore.tryAcquire()).isFalse();
        assertThat(List.of(set.size(), set.value(0))).containsExactly(1, 0);
    }

    @Test
    void aPeerRingsTheDoorbell(
            @ShmSemaphore NamedSemaphore bell, @ShmQueue(messageSize = 64) PosixQueue queue, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").start();
        long semaphore = peer.sys().semOpen(bell.name(), 0, 0, 0).orThrow();
        peer.sys().semPost(semaphore).orThrow();
        bell.acquire(LONG);
        int fd = (int) peer.sys().mqOpen(queue.name(), Linux.O_WRONLY, 0, 0, 0).orThrow();
        peer.sys().mqSend(fd, new byte[] {9}, 1, LONG).orThrow();
        assertThat(queue.receive(LONG).bytes().toArray()).containsExactly(9);
    }

    @Test
    void theKitMakesThemToo(ShmTestkit kit) {
        assertThat(kit.semaphore("s", 2).value()).isEqualTo(2);
        assertThat(kit.semaphoreSet("set", 3, 1).value(2)).isEqualTo(1);
        assertThat(kit.queue("q", 1, 8).messageSize()).isEqualTo(8);
        assertThat(kit.sysvQueue("v").label()).isEqualTo("v");
    }

    // --- life ---

    /** What a case had, to be looked for in the kernel. */
    private static final class Had {
        private final Set<Path> files = ConcurrentHashMap.newKeySet();
        private final Set<String> posixQueues = ConcurrentHashMap.newKeySet();
        private final Set<Integer> sets = ConcurrentHashMap.newKeySet();
        private final Set<Integer> queues = ConcurrentHashMap.newKeySet();

        void add(NamedSemaphore semaphore) {
            files.add(Path.of("/dev/shm/sem." + semaphore.name().substring(1)));
        }

        void add(PosixQueue queue) {
            posixQueues.add(queue.name());
        }

        void add(SysvSemaphoreSet set) {
            sets.add(set.id());
        }

        void add(SysvQueue queue) {
            queues.add(queue.id());
        }

        int size() {
            return files.size() + posixQueues.size() + sets.size() + queues.size();
        }

        /** How many are there, as another process sees it. */
        long existing(NativeHelper other) throws IOException {
            return files.stream().filter(Files::exists).count()
                    + posixQueues.stream()
                            .filter(name -> other.sys()
                                    .mqOpen(name, Linux.O_RDONLY, 0, 0, 0)
                                    .succeeded())
                            .count()
                    + rows("sem", sets)
                    + rows("msg", queues);
        }

        private static long rows(String table, Set<Integer> ids) throws IOException {
            return Files.readAllLines(Path.of("/proc/sysvipc/" + table)).stream()
                    .skip(1)
                    .map(row -> Integer.valueOf(row.strip().split("\\s+", 3)[1]))
                    .filter(ids::contains)
                    .count();
        }
    }

    static class AllScopesCase {
        static final Had HAD = new Had();

        @ShmSemaphore
        private static NamedSemaphore ofTheClass;

        @ShmSemaphore
        private SysvSemaphoreSet ofTheTest;

        @ShmQueue(scope = Shm.Scope.CLASS)
        PosixQueue alsoOfTheClass;

        @ShmQueue(scope = Shm.Scope.RUN, label = "bus")
        SysvQueue ofTheRun;

        @BeforeAll
        static void itIsThereFirst() {
            ofTheClass.release();
        }

        @RepeatedTest(2)
        void test(@ShmQueue(scope = Shm.Scope.RUN, label = "bus") SysvQueue same, ShmTestkit kit) throws IOException {
            assertThat(same).isSameAs(ofTheRun);
            HAD.add(ofTheClass);
            HAD.add(ofTheTest);
            HAD.add(alsoOfTheClass);
            HAD.add(ofTheRun);
            assertThat(ofTheClass.value()).isEqualTo(1);
            // All but the set of the test before.
            assertThat(HAD.existing(kit.nativeHelper("other").start())).isEqualTo(4);
        }

        @Nested
        class Inner {
            @Test
            void test(ShmTestkit kit) throws IOException {
                HAD.add(ofTheTest);
                assertThat(ofTheClass.value()).isEqualTo(1);
                assertThat(HAD.existing(kit.nativeHelper("other").start())).isEqualTo(4);
            }
        }
    }

    @Test
    void eachLivesAsLongAsItsScope(ShmTestkit kit) throws IOException {
        NestedRun.of(AllScopesCase.class).allPassed(3);

        assertThat(AllScopesCase.HAD.size()).isEqualTo(6);
        assertThat(AllScopesCase.HAD.existing(kit.nativeHelper("other").start()))
                .isZero();
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class ConstructorCase {
        static final Had HAD = new Had();
        private final PosixQueue queue;

        ConstructorCase(@ShmQueue PosixQueue queue) {
            this.queue = queue;
        }

        @RepeatedTest(2)
        void test(ShmTestkit kit) throws IOException {
            HAD.add(queue);
            assertThat(HAD.existing(kit.nativeHelper("other").start())).isEqualTo(1);
        }
    }

    @Test
    void aConstructorIsGivenOne(ShmTestkit kit) throws IOException {
        NestedRun.of(ConstructorCase.class).allPassed(2);

        assertThat(ConstructorCase.HAD.size()).isEqualTo(1);
        assertThat(ConstructorCase.HAD.existing(kit.nativeHelper("other").start()))
                .isZero();
    }

    record RecordCase(@ShmSemaphore(initial = 1) NamedSemaphore semaphore) {
        @Test
        void test() {
            assertThat(semaphore.tryAcquire()).isTrue();
        }
    }

    @Test
    void aRecordIsGivenOne() {
        NestedRun.of(RecordCase.class).allPassed(1);
    }

    @ShmSemaphore(semaphores = 3, initial = 1)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Trio {}

    @Test
    void anAnnotationThatHasItMeansTheSame(@Trio SysvSemaphoreSet set) {
        assertThat(List.of(set.size(), set.value(2))).containsExactly(3, 1);
    }

    static class EachKindCase {
        static final Set<SegmentKind> KINDS = ConcurrentHashMap.newKeySet();

        @EachSegmentKind
        void test(@Shm Segment segment, @ShmSemaphore(initial = 1) NamedSemaphore guard) {
            assertThat(guard.tryAcquire()).isTrue();
            KINDS.add(segment.kind());
        }
    }

    @Test
    void theyStandBesideSegmentsOfEachKind() {
        NestedRun.of(EachKindCase.class).allPassed(4);

        assertThat(EachKindCase.KINDS).containsExactlyInAnyOrder(SegmentKind.values());
    }

    // --- leaks ---

    static class LeavesAViewCase {
        static RandomAccessFile left;

        @Test
        void test(@ShmQueue(label = "bell") PosixQueue queue) throws IOException {
            left = new RandomAccessFile(descriptor(queue.name()).toString(), "r");
        }

        /** One that is open already: another one is had by it. */
        private static Path descriptor(String name) throws IOException {
            try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
                return all.filter(each -> name.equals(target(each))).findFirst().orElseThrow();
            }
        }

        private static String target(Path link) {
            try {
                return Files.readSymbolicLink(link).toString();
            } catch (IOException e) {
                return ""; // it is closed again
            }
        }
    }

    @Test
    void aDescriptorThatIsLeftIsALeak() throws IOException {
        try {
            Throwable failure = NestedRun.of(LeavesAViewCase.class).failure();
            assertThat(failure)
                    .isInstanceOf(ShmLeakError.class)
                    .hasMessageContaining("queue 'bell' (/shmkit.")
                    .hasMessageContaining(" is still open, as descriptor ")
                    .hasMessageContaining("by this JVM; @ShmQueue(label = \"bell\") on parameter ");
        } finally {
            LeavesAViewCase.left.close();
        }
    }

    // --- misuse ---

    static class SetOfOneCase {
        @ShmSemaphore(semaphores = 2)
        NamedSemaphore field;

        @Test
        void test() {}
    }

    @Test
    void anAttributeOfSetsOnOneSemaphoreIsAnError() {
        assertThat(NestedRun.of(SetOfOneCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@ShmSemaphore(semaphores = 2) on field " + SetOfOneCase.class.getName()
                        + "#field: 'semaphores' means nothing for a NamedSemaphore, which takes label, scope, initial; "
                        + "leave it away");
    }

    static class MessagesOfASysvQueueCase {
        @Test
        void test(@ShmQueue(messages = 3) SysvQueue queue) {}
    }

    @Test
    void anAttributeOfPosixQueuesOnASysvQueueIsOneToo() {
        assertThat(NestedRun.of(MessagesOfASysvQueueCase.class).failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageEndingWith(
                        "'messages' means nothing for a SysvQueue, which takes label, scope; leave it away");
    }

    static class MemoryForASemaphoreCase {
        @Shm
        NamedSemaphore field;

        @Test
        void test() {}
    }

    @Test
    void theWrongAnnotationNamesTheRightOne() {
        assertThat(NestedRun.of(MemoryForASemaphoreCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("@Shm on field " + MemoryForASemaphoreCase.class.getName()
                        + "#field: gives no NamedSemaphore; use @ShmSemaphore");
    }

    static class SemaphoreForMemoryCase {
        @Test
        void test(@ShmSemaphore Segment segment) {}
    }

    @Test
    void andSoTheOtherWayRound() {
        assertThat(NestedRun.of(SemaphoreForMemoryCase.class).failure())
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageEndingWith(": gives no Segment; use @Shm");
    }

    static class NegativeCase {
        @ShmSemaphore(initial = -1)
        NamedSemaphore field;

        @Test
        void test() {}
    }

    @Test
    void aSemaphoreIsNeverNegative() {
        assertThat(NestedRun.of(NegativeCase.class).failure())
                .hasMessageEndingWith("#field: 'field': initial value -1 is not possible; it is 0 to 2147483647, see "
                        + "sem_open(3)");
    }

    static class TooManyCase {
        @ShmSemaphore(semaphores = 2_000_000)
        SysvSemaphoreSet field;

        @Test
        void test() {}
    }

    @Test
    void moreThanTheKernelGivesNamesTheLimit() {
        assertThat(NestedRun.of(TooManyCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("cannot create a set of 2000000 System V semaphores: semget(")
                .hasMessageContaining("EINVAL")
                .hasMessageEndingWith(
                        "the kernel's limits are in /proc/sys/kernel/sem (most in a set, in all, in one call, "
                                + "most sets)");
    }

    static class OneWayCase {
        @ShmSemaphore(scope = Shm.Scope.RUN, label = "both", initial = 1)
        static NamedSemaphore field;

        @Test
        void test() {}
    }

    static class OtherWayCase {
        @ShmQueue(scope = Shm.Scope.RUN, label = "both")
        static PosixQueue field;

        @Test
        void test() {}
    }

    @Test
    void oneLabelIsOneObject() {
        assertThat(NestedRun.of(OneWayCase.class, OtherWayCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("wants a POSIX ")
                .hasMessageContaining("has made 'both' for the whole run as a POSIX ")
                .hasMessageEndingWith("; let both say the same, or give them different labels");
    }
}
