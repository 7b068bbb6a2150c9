package io.github.shmkit.internal.sweep;

import static io.github.shmkit.internal.sweep.Verdict.Decision.DELETE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.FOREIGN;
import static io.github.shmkit.internal.sweep.Verdict.Decision.LIVE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.SUSPECT;
import static io.github.shmkit.internal.sweep.Verdict.Decision.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents.Entry;
import io.github.shmkit.internal.sweep.Claim.State;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictsTests {
    private static final long ME = 1000;
    private static final String STEM = "AAAAAAAAAAAAAAAAAAAAAA.1";
    private static final String NAME = "shmkit." + STEM + ".7";
    private static final Identity FILE = new Identity.OfFile(26, 4711, 1_000);
    private static final Identity SYSV = new Identity.OfSysv(32768, 0x1234, ME, 100);

    private static IpcObject file(Identity identity, long uid, boolean removable) {
        return new IpcObject(IpcKind.POSIX_SHM, RawName.of(NAME), identity, 4096, uid, 0600, 100, 0, 0, -1, removable);
    }

    private static IpcObject sysv(Identity identity, int mode, long attaches) {
        return new IpcObject(IpcKind.SYSV_SHM, RawName.of(""), identity, 4096, ME, mode, 100, 42, 43, attaches, true);
    }

    private static Claim claim(State state, Optional<Identity> identity, IpcKind kind) {
        boolean named = !kind.isSysv();
        return new Claim(
                STEM,
                state,
                "",
                Optional.of(new Entry(7, kind, RawName.of(named ? NAME : ""), named ? 0 : 0x1234, 4096, identity)),
                List.of());
    }

    private static Claim deadFile() {
        return claim(State.DEAD, Optional.of(FILE), IpcKind.POSIX_SHM);
    }

    private static Claim deadSysv() {
        return claim(State.DEAD, Optional.of(SYSV), IpcKind.SYSV_SHM);
    }

    private static void assertVerdict(IpcObject object, Claim claim, Decision decision, Rule rule) {
        Verdict verdict = Verdicts.judge(object, claim, ME);
        assertThat(verdict.decision()).as(verdict.reason()).isEqualTo(decision);
        assertThat(verdict.rule()).isEqualTo(rule);
        assertThat(verdict.reason()).isNotBlank();
    }

    @Test
    void whatADeadSessionLeftIsDeleted() {
        assertVerdict(file(FILE, ME, true), deadFile(), DELETE, Rule.R7_UNUSED);
        assertVerdict(sysv(SYSV, 0600, 0), deadSysv(), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void whatNobodyClaimsIsForeign() {
        assertVerdict(file(FILE, ME, true), Claim.NONE, FOREIGN, Rule.R3_MINE);
    }

    @Test
    void whatALivingSessionMadeStays() {
        assertVerdict(
                file(FILE, ME, true),
                claim(State.LIVE, Optional.of(FILE), IpcKind.POSIX_SHM),
                LIVE,
                Rule.R5_SESSION_DEAD);
    }

    @Test
    void aLostLockProvesNothing() {
        assertVerdict(
                file(FILE, ME, true),
                claim(State.LOST, Optional.of(FILE), IpcKind.POSIX_SHM),
                SUSPECT,
                Rule.R5_SESSION_DEAD);
    }

    @Test
    void aVoidLedgerProvesNothing() {
        Claim foreignBoot =
                new Claim(STEM, State.DEAD, "it is of another boot", deadFile().entry(), List.of());
        assertVerdict(file(FILE, ME, true), foreignBoot, UNKNOWN, Rule.R0_DOMAIN);
    }

    @Test
    void aNameThatTheLedgerDoesNotKnowIsOnlySuspect() {
        Claim byName = new Claim(STEM, State.DEAD, "", Optional.empty(), List.of());
        assertVerdict(file(FILE, ME, true), byName, SUSPECT, Rule.R3_MINE);
    }

    @Test
    void linksAndOddFilesAreNeverDeleted() {
        assertVerdict(file(FILE, ME, false), deadFile(), SUSPECT, Rule.R1_TYPE);
    }

    @Test
    void anotherUsersObjectIsNeverDeleted() {
        assertVerdict(file(FILE, ME + 1, true), deadFile(), FOREIGN, Rule.R2_OWNER);
        assertVerdict(file(FILE, 65534, true), deadFile(), UNKNOWN, Rule.R2_OWNER);
    }

    @Test
    void theSameNameWithAnotherInodeOrBirthIsAnotherObject() {
        assertVerdict(file(new Identity.OfFile(26, 4712, 1_000), ME, true), deadFile(), FOREIGN, Rule.R3_MINE);
        assertVerdict(file(new Identity.OfFile(27, 4711, 1_000), ME, true), deadFile(), FOREIGN, Rule.R3_MINE);
        assertVerdict(file(new Identity.OfFile(26, 4711, 1_001), ME, true), deadFile(), FOREIGN, Rule.R3_MINE);
    }

    @Test
    void anUnknownBirthTimeIsNotCompared() {
        assertVerdict(file(new Identity.OfFile(26, 4711, 0), ME, true), deadFile(), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void theSameIdWithAnotherKeyOrAnEarlierChangeIsAnotherSegment() {
        assertVerdict(sysv(new Identity.OfSysv(32768, 0x1235, ME, 100), 0600, 0), deadSysv(), FOREIGN, Rule.R3_MINE);
        assertVerdict(sysv(new Identity.OfSysv(32768, 0x1234, ME, 99), 0600, 0), deadSysv(), FOREIGN, Rule.R3_MINE);
        assertVerdict(sysv(new Identity.OfSysv(65536, 0x1234, ME, 100), 0600, 0), deadSysv(), FOREIGN, Rule.R3_MINE);
    }

    @Test
    void aChangeOfOwnerOrModeMovesTheChangeTimeOnly() {
        assertVerdict(sysv(new Identity.OfSysv(32768, 0x1234, ME, 105), 0600, 0), deadSysv(), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void anAttachedSegmentStays() {
        assertVerdict(sysv(SYSV, 0600, 3), deadSysv(), LIVE, Rule.R7_UNUSED);
    }

    @Test
    void aSegmentThatIsMarkedAlreadyIsNoLeak() {
        assertVerdict(sysv(new Identity.OfSysv(32768, 0, ME, 100), 01600, 1), deadSysv(), LIVE, Rule.R7_UNUSED);
    }

    @Test
    void aLivingProcessOfTheSessionKeepsItsObjects() {
        Claim carried = new Claim(STEM, State.DEAD, "", deadFile().entry(), List.of(815L));
        assertVerdict(file(FILE, ME, true), carried, LIVE, Rule.R6_NO_CARRIER);
    }

    @Test
    void killedBetweenIntentAndCommitTheRandomNameOrKeyIsProof() {
        assertVerdict(
                file(FILE, ME, true), claim(State.DEAD, Optional.empty(), IpcKind.POSIX_SHM), DELETE, Rule.R7_UNUSED);
        assertVerdict(
                sysv(SYSV, 0600, 0), claim(State.DEAD, Optional.empty(), IpcKind.SYSV_SHM), DELETE, Rule.R7_UNUSED);
        IpcObject otherSize =
                new IpcObject(IpcKind.SYSV_SHM, RawName.of(""), SYSV, 8192, ME, 0600, 100, 42, 43, 0, true);
        assertVerdict(otherSize, claim(State.DEAD, Optional.empty(), IpcKind.SYSV_SHM), FOREIGN, Rule.R3_MINE);
    }
}
