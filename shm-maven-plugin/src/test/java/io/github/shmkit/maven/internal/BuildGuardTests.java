package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.acted;
import static io.github.shmkit.maven.internal.Findings.dead;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.report;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.SweepProgress;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BuildGuardTests {
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final FakeHost host = new FakeHost();
    private final BuildGuard guard =
            new BuildGuard(new SessionId(SESSION), new LoggingConsole(), host, Duration.ofMillis(50));

    @Test
    void aBuildThatForksNothingStartsNothingAndLooksOnlyAtNames() {
        guard.begin();
        guard.end();

        assertThat(host.calls).containsExactly("traces", "own traces");
        assertThat(log).isEmpty();
    }

    @Test
    void theBeginningSweepsWhatDeadSessionsLeft() {
        host.traces = true;
        host.reports.add(report(acted(dead(posix("a", 1), "abcdefghijklmnopqrstuv.1"), Outcome.DELETED, 0)));

        guard.begin();

        assertThat(host.calls).containsExactly("traces", "sweep");
        assertThat(log)
                .containsExactly("INFO shmkit: removed 1 object (1 B: POSIX_SHM) that test JVM 1 of session"
                        + " abcdefghijklmnopqrstuv, which is dead, left");
    }

    @Test
    void itIsOpenedAtTheFirstForkAndClosedOnce() {
        guard.beforeFork();
        guard.beforeFork();
        guard.end();
        guard.end();
        guard.beforeFork();

        assertThat(host.calls)
                .containsOnlyOnce("open")
                .containsOnlyOnce("close")
                .containsSubsequence("open", "close");
        assertThat(log).isEmpty();
    }

    @Test
    void theEndSweepsUntilNothingOfTheSessionIsLeft() {
        host.ownTraces.addAll(List.of(true, true, true, false));
        host.reports.add(report());
        host.reports.add(report(acted(dead(posix("a", 1), SESSION + ".1"), Outcome.DELETED, 0)));

        guard.beforeFork();
        guard.end();

        assertThat(host.calls.stream().filter(call -> call.equals("sweep"))).hasSize(2);
        assertThat(log)
                .containsExactly("INFO shmkit: removed 1 object (1 B: POSIX_SHM) that test JVM 1 of this build left");
    }

    @Test
    @Timeout(5)
    void theEndDoesNotWaitForEver() {
        host.ownTracesLast = true;

        guard.beforeFork();
        guard.end();

        assertThat(host.calls).endsWith("sweep ending", "close unfinished");
        assertThat(log)
                .containsExactly("WARN shmkit: something of this build is still in use; the next build, or shm:clean,"
                        + " removes it once it is not");
    }

    @Test
    void theEndRemovesWhatOtherProgramsLeft() {
        host.ending =
                new SweepReport(List.of(acted(dead(posix("a", 1), SESSION), Outcome.DELETED, 0)), 0, List.of(), false);

        guard.beforeFork();
        guard.end();

        assertThat(host.calls).endsWith("sweep ending", "close unfinished");
        assertThat(log)
                .containsExactly("INFO shmkit: removed 1 object (1 B: POSIX_SHM) that a program of this build left");
    }

    @Test
    void theEndWaitsForProcessesThatAreAboutToEnd() {
        Finding used = Findings.with(
                posix("a", 1),
                SESSION,
                Findings.observed(posix("a", 1), SESSION, 7, "perl").claim().proof(),
                Decision.LIVE,
                Rule.R6_NO_CARRIER);
        host.endings.add(new SweepReport(List.of(used), 0, List.of(), false));
        host.ending = new SweepReport(List.of(acted(used, Outcome.DELETED, 0)), 0, List.of(), true);

        guard.beforeFork();
        guard.end();

        assertThat(host.calls.stream().filter(call -> call.equals("sweep ending")))
                .hasSize(2);
        assertThat(log)
                .containsExactly("INFO shmkit: removed 1 object (1 B: POSIX_SHM) that a program of this build left");
        assertThat(guard.left()).hasSize(1);
        assertThat(guard.hasWhatStays()).isFalse();
    }

    @Test
    @Timeout(5)
    void theEndTellsOfProcessesThatDoNotEnd() {
        Finding used = Findings.with(
                posix("a", 1),
                SESSION,
                Findings.observed(posix("a", 1), SESSION, 7, "perl").claim().proof(),
                Decision.LIVE,
                Rule.R6_NO_CARRIER);
        host.ending = new SweepReport(List.of(used), 0, List.of(), false);

        guard.beforeFork();
        guard.end();

        assertThat(log).singleElement().asString().startsWith("WARN shmkit: leaked POSIX_SHM /dev/shm/a (1 B)");
        assertThat(host.calls).endsWith("sweep ending", "close unfinished");
    }

    @Test
    void theEndTellsWhatStaysWhyAndWhatEndsIt() {
        Finding suspect = Findings.with(
                sysv(IpcKind.SYSV_MSG, 3, 0, 7), SESSION, new Proof.New(), Decision.SUSPECT, Rule.R7_UNUSED);
        host.ending = new SweepReport(
                List.of(acted(Findings.recorded(posix("a", 1), SESSION + ".1"), Outcome.DENIED, 1), suspect),
                0,
                List.of("no queues"),
                true);
        host.unlisted = List.of("1 B below /dev/shm/x");

        guard.beforeFork();
        guard.end();

        assertThat(log)
                .containsExactly(
                        "WARN shmkit: leaked POSIX_SHM /dev/shm/a (1 B), made by test JVM 1 as user 0 at"
                                + " 1970-01-01T00:00:00Z; proof: the session's ledger. It stays: permission denied (errno 1). Remedy: mvn shm:clean",
                        "WARN shmkit: possibly leaked SYSV_MSG id 3 key 0x00000000 (7 B), made by unknown as user 0; proof:"
                                + " none, but it is new. It stays: so it is. Remedy: mvn shm:clean -Dshm.claim=msg:id:3, when it has rested for ten minutes",
                        "INFO shmkit: not looked at: no queues",
                        "WARN shmkit: possibly left: 1 B below /dev/shm/x");
        assertThat(guard.hasWhatStays()).isTrue();
        assertThat(guard.notes()).containsExactly("no queues", "1 B below /dev/shm/x");
    }

    @Test
    void whereCreatorsAreNotKnownTheEndSaysWhoTellsWhatHelps() {
        host.ending = new SweepReport(
                List.of(Findings.with(
                        sysv(IpcKind.SYSV_MSG, 3, 0, 7), SESSION, new Proof.New(), Decision.SUSPECT, Rule.R7_UNUSED)),
                0,
                List.of(),
                true);
        host.attribution = "level S: few are known";

        guard.beforeFork();
        guard.end();

        assertThat(log).contains("INFO shmkit: level S: few are known; shm:doctor shows what would help");
        assertThat(guard.attribution()).isEqualTo("level S: few are known");
    }

    @Test
    void aSessionThatCannotBeOpenedIsTriedOnceAndOnlyAWarning() {
        host.failure = new ShmException("/dev/shm is\nfull");

        guard.beforeCommand();
        guard.beforeFork();
        guard.end();

        assertThat(host.calls).containsExactly("open", "own traces");
        assertThat(log).containsExactly("WARN shmkit: guarding this build failed: /dev/shm is\\x0afull");
    }

    @Test
    void missingNativeCodeIsOnlyAWarning() {
        host.failure = new UnsatisfiedLinkError("no jna");

        guard.beforeCommand();

        assertThat(log)
                .containsExactly("WARN shmkit: guarding this build failed: java.lang.UnsatisfiedLinkError: no jna");
    }

    @Test
    void aFailingSweepStillClosesTheSession() {
        host.ownTracesLast = true;
        host.sweepFailure = new IllegalStateException("broken");

        guard.beforeFork();
        guard.end();

        assertThat(host.calls).contains("close unfinished");
        assertThat(log)
                .containsExactly(
                        "WARN shmkit: cleaning up after this build failed: java.lang.IllegalStateException: broken");
    }

    @Test
    void theHookDoesWhatTheEndWouldHaveDone() throws Exception {
        host.ownTraces.addAll(List.of(true, false));
        host.reports.add(report(acted(dead(posix("a", 1), SESSION + ".1"), Outcome.DELETED, 0)));
        guard.beforeCommand();

        Thread hook = guard.hook().orElseThrow();
        hook.start();
        hook.join();
        guard.end(); // Maven goes on meanwhile

        assertThat(host.calls).containsOnlyOnce("close");
        assertThat(log)
                .containsExactly("INFO shmkit: removed 1 object (1 B: POSIX_SHM) that test JVM 1 of this build left");
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    @Test
    void theHookLeavesToTheWatchdogWhatDoesNotGo() throws Exception {
        host.ownTracesLast = true;
        guard.beforeCommand();

        Thread hook = guard.hook().orElseThrow();
        hook.start();
        hook.join();

        assertThat(host.calls).contains("sweep").doesNotContain("sweep ending", "close", "close unfinished");
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    @Test
    @Timeout(5)
    void theFirstForkNeedNotWaitAndTheEndDoes() throws Exception {
        host.mayOpen = new CountDownLatch(1);

        guard.beforeFork();
        assertThat(host.calls).isEmpty();
        host.mayOpen.countDown();
        guard.end();

        assertThat(host.calls).containsSubsequence("open", "sweep ending", "close");
    }

    @Test
    void remembersWhatWasLeft() {
        host.ownTraces.addAll(List.of(true, false));
        host.reports.add(report(acted(dead(posix("a", 1), SESSION + ".1"), Outcome.DELETED, 0)));
        host.ending =
                new SweepReport(List.of(acted(dead(posix("b", 1), SESSION), Outcome.DELETED, 0)), 0, List.of(), true);

        guard.beforeFork();
        guard.end();

        assertThat(guard.left())
                .extracting(finding -> finding.object().name().text())
                .containsExactly("a", "b");
    }

    @Test
    void noHookOutlivesTheSession() throws Exception {
        guard.beforeCommand();
        Thread hook = guard.hook().orElseThrow();

        guard.end();

        assertThat(Runtime.getRuntime().removeShutdownHook(hook)).isFalse();
        assertThat(guard.hook()).isEmpty();
    }

    private final class LoggingConsole implements Console {
        @Override
        public void info(String line) {
            log.add("INFO " + line);
        }

        @Override
        public void warn(String line) {
            log.add("WARN " + line);
        }

        @Override
        public void debug(String line) {}
    }

    private static final class FakeHost implements Host {
        @Override
        public String attribution() {
            return attribution;
        }

        final List<String> calls = Collections.synchronizedList(new ArrayList<>());
        final List<SweepReport> reports = new ArrayList<>();
        final List<Boolean> ownTraces = new ArrayList<>();
        final List<SweepReport> endings = new ArrayList<>();
        SweepReport ending = SweepReport.NOTHING;
        List<String> unlisted = List.of();
        String attribution = "";
        boolean ownTracesLast;
        boolean traces;
        CountDownLatch mayOpen = new CountDownLatch(0);
        Throwable failure;
        RuntimeException sweepFailure;

        @Override
        public boolean hasTraces() {
            calls.add("traces");
            return traces;
        }

        @Override
        public boolean hasTracesOf(SessionId id) {
            calls.add("own traces");
            return ownTraces.isEmpty() ? ownTracesLast : ownTraces.remove(0);
        }

        @Override
        public SweepReport sweep(SweepProgress progress) {
            calls.add("sweep");
            if (sweepFailure != null) {
                throw sweepFailure;
            }
            return reports.isEmpty() ? SweepReport.NOTHING : reports.remove(0);
        }

        @Override
        public SweepReport sweepEnding(SessionId id, SweepProgress progress) {
            calls.add("sweep ending");
            return endings.isEmpty() ? ending : endings.remove(0);
        }

        @Override
        public Session open(SessionId id) {
            try {
                mayOpen.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            calls.add("open");
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure != null) {
                throw (RuntimeException) failure;
            }
            return finished -> calls.add(finished ? "close" : "close unfinished");
        }

        @Override
        public List<String> unlistedSince(Instant began) {
            return unlisted;
        }

        @Override
        public void preload() {}
    }
}
