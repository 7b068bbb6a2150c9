package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Builds that are ended from outside, while their test JVM's supervisor is dead. */
class EndingsIT {
    private static final long CLEAN_WITHIN_MILLIS = 2000;
    private static final String REMOVED = "shmkit: removed 3 objects (12.0 KiB: MMAP_FILE, POSIX_SHM, SYSV_SHM)"
            + " that test JVM 1 of this build left";

    private Bystander bystander;

    @BeforeEach
    void startBystander(@TempDir Path folder) throws Exception {
        bystander = Bystander.start(Path.of(System.getProperty("shmkit.it.bystander")), folder);
    }

    @AfterEach
    void bystanderIsUntouched() throws Exception {
        try (Bystander ended = bystander) {
            assertThat(ended.look()).isEqualTo("UNTOUCHED " + ended.objects());
        }
    }

    @Test
    void interruptedFromTheTerminal(TestInfo info) throws Exception {
        try (Mvn mvn = Mvn.start(Mvn.project("waiting"), "surefire:test")) {
            Properties evidence = mvn.evidence();
            mvn.signalGroup("INT");

            assertThat(mvn.exitCode()).isEqualTo(130);
            assertNothingIsLeft(evidence, info);
            assertThat(mvn.log()).contains(REMOVED);
        }
    }

    @Test
    void terminated(TestInfo info) throws Exception {
        try (Mvn mvn = Mvn.start(Mvn.project("waiting"), "surefire:test")) {
            Properties evidence = mvn.evidence();
            mvn.signal("TERM");

            assertThat(mvn.exitCode()).isEqualTo(143);
            assertNothingIsLeft(evidence, info);
            assertThat(mvn.log()).contains(REMOVED);
        }
    }

    @Test
    void killed(TestInfo info) throws Exception {
        try (Mvn mvn = Mvn.start(Mvn.project("waiting"), "surefire:test")) {
            Properties evidence = mvn.evidence();
            mvn.signal("KILL");

            assertThat(mvn.exitCode()).isEqualTo(137);
            assertNothingIsLeft(evidence, info);
        }
    }

    @Test
    void killedWithItsWholeGroup(TestInfo info) throws Exception {
        try (Mvn mvn = Mvn.start(Mvn.project("waiting"), "surefire:test")) {
            Properties evidence = mvn.evidence();
            mvn.signalGroup("KILL");

            assertThat(mvn.exitCode()).isEqualTo(137);
            assertNothingIsLeft(evidence, info);
        }
    }

    private static void assertNothingIsLeft(Properties evidence, TestInfo info) throws Exception {
        String session = evidence.getProperty("session");
        assertThat(session).isNotEqualTo(Mvn.OUTER_SESSION);
        assertThat(evidence.getProperty("seen")).isEqualTo("4");
        long since = System.nanoTime();
        long elapsed = 0;
        Set<String> left = left(evidence);
        while (!left.isEmpty() && elapsed < CLEAN_WITHIN_MILLIS) {
            Thread.sleep(5);
            left = left(evidence);
            elapsed = (System.nanoTime() - since) / 1_000_000;
        }
        assertThat(left).isEmpty();
        System.out.printf(
                "%s: %s objects made, 0 leaked, %d ms after the end of Maven%n",
                info.getTestMethod().orElseThrow().getName(), evidence.getProperty("made"), elapsed);
    }

    private static Set<String> left(Properties evidence) {
        String session = evidence.getProperty("session");
        Set<String> left = new TreeSet<>(Machine.filesWith(session));
        left.addAll(Machine.sysvOf(
                Long.parseLong(evidence.getProperty("pid")), Integer.parseInt(evidence.getProperty("shmid"))));
        left.addAll(Machine.processesWith(session));
        return left;
    }
}
