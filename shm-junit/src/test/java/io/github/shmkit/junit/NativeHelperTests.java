package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.Signal;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

class NativeHelperTests {
    private static final Script CRASH =
            Script.of(b -> b.echo("about to crash\n").die(Signal.SIGSEGV));

    @Test
    void aPeerSeesOurWriteAndWeSeeIts(@Shm(size = 64) Segment segment, ShmTestkit kit) {
        segment.putLongRelease(0, 42);
        NativeHelper reader = kit.nativeHelper("reader").attach(segment).start();
        assertThat(reader.getLongAcquire(0)).isEqualTo(42);
        reader.putInt(8, 7);
        assertThat(segment.getInt(8)).isEqualTo(7);
    }

    @EachSegmentKind
    void onEachKind(SegmentKind kind, @Shm Segment segment, ShmTestkit kit) {
        NativeHelper writer = kit.nativeHelper("writer").attach(segment).start();

        writer.putInt(0, 7);
        kit.await().untilInt(segment, 0, is(7));
        assertThat(writer.getAndAddLong(8, 5)).isZero();
        assertThat(writer.compareAndSetLong(8, 5, 6)).isTrue();
        assertThat(writer.compareAndSetLong(8, 5, 7)).isFalse();
        writer.fill(16, 16, (byte) 0x11);
        Thread peer = new Thread(() -> segment.putIntRelease(32, 1));
        peer.start();
        writer.awaitInt(32, 1, Duration.ofSeconds(10));

        assertThat(segment.kind()).isEqualTo(kind);
        assertThat(segment.getLong(8)).isEqualTo(6);
        assertThat(segment.getLong(16)).isEqualTo(0x1111111111111111L);
    }

    @Test
    void aDeclaredDeathIsFine(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper helper =
                kit.nativeHelper("helper").attach(segment).start().expectExit(ExitPredicate.killedBy(Signal.SIGKILL));

        helper.run(Script.of(b -> b.putInt(0, 1).die(Signal.SIGKILL)));

        assertThat(helper.awaitExit()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        kit.await().untilInt(segment, 0, is(1));
    }

    @ExtendWith(ShmExtension.class)
    static class EndsCase {
        static final Queue<NativeHelper> HELPERS = new ConcurrentLinkedQueue<>();

        @Test
        void declaredButOnlyJustComing(ShmTestkit kit) {
            NativeHelper helper = kit.nativeHelper("late").start().expectExit(ExitPredicate.exitCode(3));
            helper.run(Script.of(b -> b.sleep(Duration.ofMillis(50)).exit(3)));
        }

        @Test
        void declaredButOnlyJustComingToAnInterruptedThread(ShmTestkit kit) {
            declaredButOnlyJustComing(kit);
            Thread.currentThread().interrupt();
        }

        @Test
        void byTheTestItself(ShmTestkit kit) {
            kit.nativeHelper("killed").start().kill();
            kit.nativeHelper("terminated").start().signal(Signal.SIGTERM);
        }

        @Test
        void withCodeZero(ShmTestkit kit) {
            kit.nativeHelper("well-behaved").start().run(Script.of(b -> b.exit(0)));
        }

        @Test
        void notAtAll(ShmTestkit kit) {
            HELPERS.add(kit.nativeHelper("alive").start());
            HELPERS.add(kit.nativeHelper("stopped").start());
            HELPERS.forEach(
                    helper -> assertThat(Path.of("/proc/" + helper.pid())).exists());
            HELPERS.stream().skip(1).forEach(NativeHelper::suspend);
        }
    }

    @Test
    void endsThatAreDeclaredOrOrderedOrHarmlessAreFineAndTheRestIsEndedWithTheTest() {
        NestedRun.of(EndsCase.class).allPassed(5);

        assertThat(EndsCase.HELPERS).hasSize(2).allSatisfy(helper -> {
            assertThat(helper.isAlive()).isFalse();
            assertThat(Path.of("/proc/" + helper.pid())).doesNotExist();
        });
    }

    @ExtendWith(ShmExtension.class)
    static class CrashCase {
        @Test
        void test(ShmTestkit kit) {
            NativeHelper helper = kit.nativeHelper("writer").start();
            helper.run(CRASH);
            helper.awaitExit();
        }
    }

    @Test
    void anUndeclaredDeathFailsATestWhoseAssertionsHold() {
        assertThat(NestedRun.of(CrashCase.class).failure())
                .isInstanceOf(HelperFailure.class)
                .hasMessageMatching(
                        "(?s)helper 'writer' \\(pid \\d+\\) was killed by SIGSEGV.*expectExit.*" + "about to crash.*");
    }

    @ExtendWith(ShmExtension.class)
    static class ExitCodeCase {
        @Test
        void test(ShmTestkit kit) {
            // Nobody waits for it: it may end only while the test is being closed.
            kit.nativeHelper("a").start().run(Script.of(b -> b.exit(3)));
            NativeHelper b = kit.nativeHelper("b").start().expectExit(ExitPredicate.exitCode(4));
            b.run(Script.of(s -> s.exit(5)));
            b.awaitExit();
        }
    }

    @Test
    void everyHelperThatEndedWronglyIsTold() {
        assertThat(NestedRun.of(ExitCodeCase.class).failure())
                .isInstanceOf(HelperFailure.class)
                .hasMessageContaining("helper 'b'")
                .hasMessageContaining("exited with code 5, but should have exited with code 4");
    }

    @ExtendWith(ShmExtension.class)
    static class SurvivorCase {
        @Test
        void test(ShmTestkit kit) {
            kit.nativeHelper("survivor").start().expectExit(ExitPredicate.killedBy(Signal.SIGKILL));
        }
    }

    @Test
    void aDeclaredDeathThatDoesNotComeFails() {
        assertThat(NestedRun.of(SurvivorCase.class).failure())
                .isInstanceOf(HelperFailure.class)
                .hasMessageContaining("helper 'survivor'")
                .hasMessageContaining("should have been killed by SIGKILL, but is ")
                .hasMessageContaining("2 s after the end of test " + SurvivorCase.class.getName() + "#test");
    }

    @ExtendWith(ShmExtension.class)
    static class FailedAlreadyCase {
        @Test
        void test(ShmTestkit kit) {
            NativeHelper crashed = kit.nativeHelper("crashed").start();
            crashed.run(CRASH);
            crashed.awaitExit();
            kit.nativeHelper("not-yet-dead").start().expectExit(ExitPredicate.exitCode(3));
            throw new AssertionError("the test's own");
        }
    }

    @Test
    void whereTheTestFailedAlreadyADeathIsASuppressedThrowableAndAMissingDeathNoneAtAll() {
        Throwable failure = NestedRun.of(FailedAlreadyCase.class).failure();

        assertThat(failure).hasMessage("the test's own");
        assertThat(NestedRun.suppressed(failure))
                .singleElement()
                .satisfies(suppressed -> assertThat(suppressed)
                        .isInstanceOf(HelperFailure.class)
                        .hasMessageContaining("helper 'crashed'")
                        .hasMessageNotContaining("not-yet-dead"));
    }

    @ExtendWith(ShmExtension.class)
    static class ToldAlreadyCase {
        @Test
        void test(@Shm Segment segment, ShmTestkit kit) {
            NativeHelper helper = kit.nativeHelper("writer").attach(segment).start();
            helper.run(CRASH);
            kit.await().untilInt(segment, 0, is(1));
        }
    }

    @Test
    void aDeathThatTheFailureTellsOfIsNotToldTwice() {
        Throwable failure = NestedRun.of(ToldAlreadyCase.class).failure();

        assertThat(failure).hasMessageContaining("helper 'writer'").hasMessageContaining("was killed by SIGSEGV");
        assertThat(NestedRun.suppressed(failure)).isEmpty();
    }

    @ExtendWith(ShmExtension.class)
    static class ClassHelperCase {
        static NativeHelper helper;

        @BeforeAll
        static void beforeAll(ShmTestkit kit) {
            helper = kit.nativeHelper("of-the-class").start();
        }

        @Test
        void first() {
            assertThat(helper.isAlive()).isTrue();
        }

        @Test
        void second() {
            assertThat(helper.isAlive()).isTrue();
        }

        @AfterEach
        void stillThere() {
            assertThat(Files.exists(Path.of("/proc/" + helper.pid()))).isTrue();
        }
    }

    @Test
    void aHelperThatIsStartedBeforeAllLivesAsLongAsTheClass() {
        NestedRun.of(ClassHelperCase.class).allPassed(2);

        assertThat(ClassHelperCase.helper.isAlive()).isFalse();
    }

    @ExtendWith(ShmExtension.class)
    static class ClassHelperCrashCase {
        @BeforeAll
        static void beforeAll(ShmTestkit kit) {
            NativeHelper helper = kit.nativeHelper("of-the-class").start();
            helper.run(CRASH);
            helper.awaitExit();
        }

        @Test
        void test(@Shm Segment segment, ShmTestkit kit) {
            kit.await().untilInt(segment, 0, is(1));
        }
    }

    @Test
    void theDeathOfAHelperOfTheClassEndsWaitsInItsTestsAndFailsTheClass() {
        assertThat(NestedRun.of(ClassHelperCrashCase.class).failures())
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageContaining("helper 'of-the-class'")
                        .hasMessageContaining("was killed by SIGSEGV"));
    }

    @ExtendWith(ShmExtension.class)
    static class SupervisorLostCase {
        /** Of its command line: the private directory and what the names of the session's files begin with. */
        static List<String> arguments;

        @Test
        void test(ShmTestkit kit) throws IOException {
            NativeHelper helper = kit.nativeHelper("orphan").start();
            ProcessHandle supervisor = ProcessHandle.of(helper.pid())
                    .flatMap(ProcessHandle::parent)
                    .orElseThrow();
            arguments = List.of(Files.readString(Path.of("/proc/" + supervisor.pid() + "/cmdline"))
                    .split("\0", -1));
            supervisor.destroyForcibly();
            kit.await("the end of its supervisor").until(() -> !helper.isAlive());
        }
    }

    @Test
    void aHelperOfWhoseEndNobodyCanTellFailsTheTest() throws IOException {
        NestedRun run = NestedRun.of(SupervisorLostCase.class);

        assertThat(run.failures())
                .anySatisfy(failure -> assertThat(failure)
                        .isInstanceOf(HelperFailure.class)
                        .hasMessageMatching("helper 'orphan' \\(pid \\d+\\) ended in a way that is not known: its "
                                + "supervisor is gone"));
        for (String suffix : List.of(".lock", ".jrnl", ".sock")) { // which the supervisor would have removed
            List<String> words = SupervisorLostCase.arguments;
            int role = words.indexOf("supervise");
            Files.deleteIfExists(Path.of(words.get(role + 1), words.get(role + 2) + suffix));
        }
    }
}
