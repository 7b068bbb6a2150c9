package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents.Entry;
import io.github.shmkit.internal.session.LedgerContents.Maker;
import io.github.shmkit.internal.session.LedgerContents.Observation;
import io.github.shmkit.internal.session.LedgerContents.ProcessEntry;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines of a plan, as act.c reads them. */
class StepsTests {
    private static final String STEM = "AAAAAAAAAAAAAAAAAAAAAA.1";
    private static final Identity FILE = new Identity.OfFile(26, -1, 1_000);
    private static final Identity SYSV = new Identity.OfSysv(32768, -5, 1000, 100);

    private static Candidate candidate(IpcObject object, Proof proof) {
        return new Candidate(
                object,
                new Claim(STEM, Claim.State.DEAD, "", proof, List.of(), 0),
                new Verdict(Decision.DELETE, Rule.R7_UNUSED, "so it is"));
    }

    private static IpcObject object(IpcKind kind, String name, Identity identity) {
        return object(kind, name, identity, Os.euid());
    }

    private static IpcObject object(IpcKind kind, String name, Identity identity, long uid) {
        return new IpcObject(kind, RawName.of(name), identity, 4096, uid, 0600, 100, 42, 43, 0, true);
    }

    private static Candidate recorded(IpcKind kind, String name, Identity identity) {
        return candidate(
                object(kind, name, identity),
                new Proof.Recorded(new Entry(7, kind, RawName.of(name), 0, 4096, Optional.of(identity))));
    }

    private static Candidate intended(IpcKind kind) {
        return candidate(
                object(kind, "", SYSV),
                new Proof.Recorded(new Entry(7, kind, RawName.EMPTY, -5, 4096, Optional.empty())));
    }

    private static Candidate observed(IpcKind kind, String name, Identity identity) {
        return candidate(
                object(kind, name, identity),
                new Proof.Observed(
                        new Observation(kind, RawName.of(name), identity, 0, 4096, 42, 7, Maker.DESCENDANT, "")));
    }

    private static Candidate observedOf(long uid, IpcKind kind, String name) {
        return candidate(
                object(kind, name, FILE, uid),
                new Proof.Observed(
                        new Observation(kind, RawName.of(name), FILE, uid, 4096, 42, 7, Maker.DESCENDANT, "")));
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aFileInALedgerWaitsForItsEndUnderItsNumber() {
        assertThat(Steps.remove(3, recorded(IpcKind.POSIX_SHM, "a.7", FILE)))
                .isEqualTo(
                        "S 3 " + base64("a.7") + " 26 18446744073709551615 1000 " + base64("q." + STEM + ".7") + " 0");
        assertThat(Steps.remove(3, recorded(IpcKind.MMAP_FILE, "/tmp/x/a", FILE)))
                .isEqualTo("F 3 " + base64("/tmp/x") + " " + base64("a") + " 26 18446744073709551615 1000 "
                        + base64("q." + STEM + ".7") + " 0");
    }

    private static final String THERE = " 26 18446744073709551615 1000";

    @Test
    void whatLiesInADirectoryWaitsForItsEndBesideItself() {
        assertThat(Steps.remove(0, observed(IpcKind.POSIX_SHM, "a/b/c", FILE)))
                .isEqualTo("F 0 " + base64("/dev/shm/a/b") + " " + base64("c") + THERE + " " + base64("q.c") + " 1");
        assertThat(Steps.remove(0, observed(IpcKind.POSIX_SHM, "a/" + "n".repeat(254), FILE)))
                .endsWith(THERE + " " + base64("q.-1") + " 1");
        assertThat(Steps.remove(0, observed(IpcKind.DIRECTORY, "a", FILE)))
                .isEqualTo("T 0 " + base64("/dev/shm") + " " + base64("a") + THERE);
    }

    @Test
    void theOwnerOfWhatIsAnotherUsersIsNamed() {
        long uid = 1L + Os.euid();
        assertThat(Steps.remove(0, observedOf(uid, IpcKind.POSIX_SHM, "a")))
                .isEqualTo("F 0 " + base64("/dev/shm") + " " + base64("a") + THERE + " " + base64("q.a") + " 1 " + uid);
        assertThat(Steps.remove(0, observedOf(uid, IpcKind.POSIX_MQ, "a"))).endsWith(THERE + " " + uid);
        assertThat(Steps.remove(0, observedOf(uid, IpcKind.DIRECTORY, "a"))).endsWith(THERE + " " + uid);
    }

    @Test
    void anyOtherFileIsHeldUnderItsOwnNameSoThatItCanBeGivenBack() {
        assertThat(Steps.remove(0, observed(IpcKind.POSIX_SEM, "sem.a", FILE)))
                .isEqualTo("S 0 " + base64("sem.a") + " 26 18446744073709551615 1000 " + base64("q.r/sem.a") + " 1");
    }

    @Test
    void theLongestNameIsHeldToo() {
        String longest = "n".repeat(255);
        assertThat(Steps.remove(0, observed(IpcKind.POSIX_SHM, longest, FILE)))
                .isEqualTo(
                        "S 0 " + base64(longest) + " 26 18446744073709551615 1000 " + base64("q.r/" + longest) + " 1");
    }

    @Test
    void whatWasNotedIsComparedAndNotWhatWasJustSeen() {
        Identity now = new Identity.OfFile(26, 8, 2_000);
        Entry entry = new Entry(7, IpcKind.POSIX_SHM, RawName.of("a.7"), 0, 4096, Optional.of(FILE));
        assertThat(Steps.remove(3, candidate(object(IpcKind.POSIX_SHM, "a.7", now), new Proof.Recorded(entry))))
                .contains(" 26 18446744073709551615 1000 ");
        Observation seen =
                new Observation(IpcKind.POSIX_SHM, RawName.of("a.7"), FILE, 0, 4096, 42, 7, Maker.DESCENDANT, "");
        assertThat(Steps.remove(3, candidate(object(IpcKind.POSIX_SHM, "a.7", now), new Proof.Observed(seen))))
                .contains(" 26 18446744073709551615 1000 ");
        Identity unborn = new Identity.OfFile(26, 8, 0);
        Observation vague =
                new Observation(IpcKind.POSIX_SHM, RawName.of("a.7"), unborn, 0, 4096, 42, 7, Maker.DESCENDANT, "");
        assertThat(Steps.remove(3, candidate(object(IpcKind.POSIX_SHM, "a.7", now), new Proof.Observed(vague))))
                .contains(" 26 8 2000 ");
    }

    @Test
    void aQueueIsNeverRenamed() {
        assertThat(Steps.remove(1, observed(IpcKind.POSIX_MQ, "jobs", FILE)))
                .isEqualTo("Q 1 " + base64("/jobs") + " 26 18446744073709551615 1000");
    }

    @Test
    void aSystemVObjectTellsAllThatMustStillHold() {
        assertThat(Steps.remove(2, recorded(IpcKind.SYSV_SHM, "", SYSV)))
                .isEqualTo("V 2 SYSV_SHM 32768 fffffffb 1000 100 4096 42 0");
        assertThat(Steps.remove(2, recorded(IpcKind.SYSV_SEM, "", SYSV)))
                .as("of a set the kernel tells no creator")
                .isEqualTo("V 2 SYSV_SEM 32768 fffffffb 1000 100 4096 0 0");
    }

    @Test
    void aSegmentThatNoLedgerNamesIsHeldWhileItIsLookedAt() {
        assertThat(Steps.remove(2, observed(IpcKind.SYSV_SHM, "", SYSV))).endsWith(" 1");
        assertThat(Steps.remove(2, intended(IpcKind.SYSV_SHM))).endsWith(" 0");
    }

    @ParameterizedTest
    @CsvSource({"SYSV_SEM", "SYSV_MSG"})
    void aSetOrQueueThatIsKnownByItsKeyAloneMustBeFresh(IpcKind kind) {
        assertThat(Steps.remove(2, intended(kind))).endsWith(" 1");
        assertThat(Steps.remove(2, recorded(kind, "", SYSV))).endsWith(" 0");
        assertThat(Steps.remove(2, observed(kind, "", SYSV))).endsWith(" 0");
    }

    @Test
    void aProcessIsEndedByPidAndStartTime() {
        assertThat(Steps.end(new ProcessEntry(4711, 99, 1))).isEqualTo("P -1 4711 99");
    }

    @Test
    void whatWasOnlyHeldIsGivenBackUnderItsOwnName() {
        RawName held = RawName.of("q.r/psm_1");

        assertThat(Steps.putBack(Set.of(held, RawName.of("q." + STEM + ".7"))))
                .containsExactly("R -1 " + base64("psm_1") + " " + held.base64());
        assertThat(Steps.putBack(Set.of())).isEmpty();
    }
}
