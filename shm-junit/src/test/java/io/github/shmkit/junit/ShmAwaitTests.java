package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.Signal;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.core.TerminalFailureException;
import org.awaitility.pollinterval.FixedPollInterval;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.opentest4j.AssertionFailedError;

@ExtendWith(ShmExtension.class)
class ShmAwaitTests {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(60);
    private static final ExitPredicate SEGV = ExitPredicate.killedBy(Signal.SIGSEGV);

    /** What ends a wait in time ends it long before this, however loaded the machine is. */
    private static final Duration SOON = Duration.ofSeconds(20);

    private static AssertionFailedError failureOf(ThrowingCallable wait) {
        return catchThrowableOfType(AssertionFailedError.class, wait);
    }

    @Test
    void aConditionThatHoldsIsLookedAtOnceAndAtOnce(ShmTestkit kit) {
        AtomicInteger looks = new AtomicInteger();
        long start = System.nanoTime();

        kit.await()
                .awaitility(f -> f.pollInterval(FixedPollInterval.fixed(LONG.minusSeconds(1)))
                        .atMost(LONG))
                .until(() -> looks.incrementAndGet() == 1);

        assertThat(looks).hasValue(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    }

    @Test
    void untilIntAndUntilLongSeeWhatAPeerWrites(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper writer = kit.nativeHelper("writer").attach(segment).start();
        writer.run(Script.of(b -> b.repeat(
                        20, r -> r.sleep(Duration.ofMillis(1)).getAndAddLong(8, 1))
                .putInt(4, 5)));

        kit.await("sequence").untilLong(segment, 8, greaterThan(3L));
        kit.await().untilInt(segment, 4, is(5));

        assertThat(segment.getLong(8)).isEqualTo(20);
    }

    @Test
    void untilAssertedRepeatsAnAssertion(ShmTestkit kit) {
        AtomicInteger looks = new AtomicInteger();

        kit.await().untilAsserted(() -> assertThat(looks.incrementAndGet()).isEqualTo(5));

        assertThat(looks).hasValue(5);
    }

    @Test
    void aValueThatDoesNotComeIsAnAssertionErrorThatTellsTheLastOne(
            @Shm(label = "ring") Segment segment, ShmTestkit kit) {
        segment.putInt(4, 3);

        AssertionFailedError failure =
                failureOf(() -> kit.await("sequence").atMost(SHORT).untilInt(segment, 4, is(5)));

        assertThat(failure)
                .hasMessageMatching("waiting for 'sequence', the int at offset 4 of 'ring' to be 5 "
                        + "\\(last value 3\\): not within \\d\\.\\d s")
                .hasCauseInstanceOf(ShmTimeoutException.class);
    }

    @Test
    void aFailureBeginsAtTheLineThatWaits(@Shm Segment segment, ShmTestkit kit) {
        AssertionFailedError failure = failureOf(() -> kit.await().atMost(SHORT).untilLong(segment, 0, 5));

        assertThat(failure.getStackTrace()[0].getClassName())
                .isEqualTo(getClass().getName());
        assertThat(failure.getCause().getStackTrace()[0].getClassName())
                .isEqualTo(getClass().getName());
        assertThatThrownBy(() -> kit.nativeHelper("peer").start().awaitExit(SHORT))
                .isInstanceOf(ShmTimeoutException.class)
                .satisfies(e -> assertThat(e.getStackTrace()[0].getClassName())
                        .isEqualTo(getClass().getName()));
    }

    @Test
    void anyMatcherIsDescribedInWords(@Shm(label = "ring") Segment segment, ShmTestkit kit) {
        assertThat(failureOf(() -> kit.await().atMost(SHORT).untilLong(segment, 8, greaterThan(-3L + 10))))
                .hasMessageStartingWith(
                        "waiting for the long at offset 8 of 'ring' to be a value greater than 7 (last");
    }

    @Test
    void aConditionThatDoesNotComeToHold(ShmTestkit kit) {
        assertThat(failureOf(() -> kit.await().atMost(SHORT).until(() -> false)))
                .hasMessageMatching("(?s)waiting for a condition to hold: not within \\d\\.\\d s.*")
                .hasCauseInstanceOf(ShmTimeoutException.class);
    }

    @Test
    void anAssertionThatDoesNotComeToPass(ShmTestkit kit) {
        assertThat(failureOf(() -> kit.await("it").atMost(SHORT).untilAsserted(() -> fail("the ring is empty"))))
                .hasMessageStartingWith(
                        "waiting for 'it', an assertion to pass (last failure: the ring is empty): not within ")
                .hasCauseInstanceOf(ShmTimeoutException.class);
    }

    @Test
    void whatAConditionThrowsEndsTheWait(ShmTestkit kit) {
        assertThatIllegalStateException()
                .isThrownBy(() -> kit.await().atMost(LONG).until(() -> {
                    throw new IllegalStateException("broken");
                }))
                .withMessage("broken");
    }

    @Test
    void aMisalignedOffsetIsToldAsSuch(@Shm Segment segment, ShmTestkit kit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kit.await().atMost(LONG).untilLong(segment, 4, is(1L)))
                .withMessageContaining("offset 4 is not a multiple of 8");
    }

    @ExtendWith(ShmExtension.class)
    static class DeathCase {
        @Test
        void test(@Shm(label = "ring") Segment segment, ShmTestkit kit) {
            NativeHelper writer = kit.nativeHelper("writer").attach(segment).start();
            writer.run(Script.of(b -> b.putLong(0, 3)
                    .sleep(Duration.ofMillis(50))
                    .echo("out of sequence\n")
                    .die(Signal.SIGSEGV)));
            kit.await("sequence").atMost(LONG).untilLong(segment, 0, is(5L));
        }
    }

    @Test
    void theUndeclaredDeathOfAHelperEndsTheWaitAtOnceAndTellsItsLastWords() {
        long start = System.nanoTime();

        Throwable failure = NestedRun.of(DeathCase.class).failure();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
        assertThat(failure)
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageMatching(
                        "(?s)waiting for 'sequence', the long at offset 0 of 'ring' to be 5 "
                                + "\\(last value 3\\): helper 'writer' \\(pid \\d+\\) was killed by SIGSEGV.*out of sequence\\s*");
    }

    @ExtendWith(ShmExtension.class)
    static class DeathWhateverTheSettingsCase {
        @Test
        void ignoringExceptions(ShmTestkit kit) {
            crash(kit);
            kit.await().awaitility(f -> f.atMost(LONG).ignoreExceptions()).until(() -> {
                throw new IllegalStateException("ignored");
            });
        }

        @Test
        void withAFailFastOfItsOwn(ShmTestkit kit) {
            crash(kit);
            kit.await().awaitility(f -> f.atMost(LONG).failFast(() -> false)).until(() -> false);
        }

        private static void crash(ShmTestkit kit) {
            NativeHelper writer = kit.nativeHelper("writer").start();
            writer.run(Script.of(b -> b.die(Signal.SIGSEGV)));
            writer.awaitExit();
        }
    }

    @Test
    void aDeathEndsTheWaitWhateverTheSettings() {
        long start = System.nanoTime();

        assertThat(NestedRun.of(DeathWhateverTheSettingsCase.class).failures())
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(AssertionFailedError.class)
                        .hasMessageContaining("was killed by SIGSEGV"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    }

    @Test
    void aFailFastOfTheUserStillWorks(ShmTestkit kit) {
        assertThatExceptionOfType(TerminalFailureException.class)
                .isThrownBy(() -> kit.await()
                        .awaitility(f -> f.atMost(LONG).failFast("no more", () -> true))
                        .until(() -> false))
                .withMessage("no more");
    }

    @Test
    void aHelperThatDiedAfterItDidItsPartDoesNotFailTheWait(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper writer = kit.nativeHelper("writer").attach(segment).start();
        writer.run(Script.of(b -> b.putInt(0, 1).die(Signal.SIGSEGV)));
        writer.awaitExit();
        AtomicInteger looks = new AtomicInteger();

        // The first look is from before; that after the death counts.
        kit.await().atMost(LONG).until(() -> looks.incrementAndGet() > 1 && segment.getInt(0) == 1);

        assertThat(looks).hasValue(2);
        writer.expectExit(SEGV);
    }

    @Test
    void aDeclaredDeathDoesNotEndAWait(@Shm Segment segment, ShmTestkit kit) {
        NativeHelper writer = kit.nativeHelper("writer").attach(segment).start().expectExit(SEGV);
        writer.run(Script.of(b -> b.die(Signal.SIGSEGV)));
        writer.awaitExit();
        AtomicInteger looks = new AtomicInteger();

        kit.await().atMost(LONG).until(() -> looks.incrementAndGet() == 4);

        assertThat(looks).hasValue(4);
    }

    @ExtendWith(ShmExtension.class)
    static class TimeoutCase {
        @Test
        @Timeout(value = 100, unit = TimeUnit.MILLISECONDS)
        void test(@Shm(label = "ring") Segment segment, ShmTestkit kit) {
            kit.await("what never comes").atMost(LONG).untilInt(segment, 0, is(1));
        }
    }

    @Test
    void aTimeoutOfTheTestEndsTheWait() {
        long start = System.nanoTime();

        Throwable failure = NestedRun.of(TimeoutCase.class).failure();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
        assertThat(failure).isInstanceOf(TimeoutException.class);
        assertThat(NestedRun.suppressed(failure))
                .singleElement()
                .satisfies(suppressed -> assertThat(suppressed)
                        .isInstanceOf(AssertionFailedError.class)
                        .hasMessage("waiting for 'what never comes', the int at offset 0 of 'ring' to be 1 "
                                + "(last value 0): interrupted, by @Timeout perhaps"));
    }

    @Test
    void anInterruptStaysVisible(ShmTestkit kit) {
        Thread.currentThread().interrupt();

        AssertionFailedError failure = failureOf(() -> kit.await().atMost(LONG).until(() -> false));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure).hasMessageContaining("interrupted");
    }

    @Test
    void whatHoldsAlreadyHoldsForAnInterruptedThreadToo(ShmTestkit kit) {
        Thread.currentThread().interrupt();
        try {
            kit.await().atMost(LONG).until(() -> true);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void tooEarlyIsToldInAwaitilitysWords(ShmTestkit kit) {
        assertThat(failureOf(() -> kit.await()
                        .awaitility(f -> f.atLeast(LONG.minusSeconds(1)).atMost(LONG))
                        .until(() -> true)))
                .hasMessageContaining("earlier than expected minimum timeout");
    }
}
